import Crypto
import Testing

@testable import Signing

/// The vectors of the reference, section 7.3: A0 published by Huawei, A1 to A3 made by Huawei's Python SDK, B1 and B2
/// by Open Telekom Cloud's Go client.
struct SigningVectorTests {
  private static let key = AccessKey(id: "QTWAOYTTINDUT2QVKYUC", secret: "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc")
  private static let host = "as.eu-de.otc.t-systems.com"
  private static let project = "0215ef11e49d4743be23dd97a1561e91"
  private static let groups = "/autoscaling-api/v1/\(project)/scaling_group"
  private static let group = groups + "/a8327883-6b07-4497-9c61-68d03ee193a1"
  private static let dateText = "20260115T093000Z"
  private static let body = Array(
    #"{"cool_down_time":200,"desire_instance_number":1,"scaling_group_name":"group_1"}"#.utf8)
  private static let listQuery = [
    (name: "start_number", value: "0"), (name: "limit", value: "100"),
    (name: "scaling_group_name", value: "web tier/blue~1"),
  ]
  private static let json = (name: "Content-Type", value: "application/json")
  private static let accept = (name: "Accept", value: "application/json")
  private static let hostHeader = (name: "Host", value: host)
  private static let dateHeader = (name: "X-Sdk-Date", value: dateText)
  private static let projectHeader = (name: "X-Project-Id", value: project)

  private static func sign(_ request: CanonicalRequest, _ form: SigningForm) throws -> RequestSignature {
    RequestSignature(of: request, key: key, form: form, date: try #require(SigningDate(dateText)))
  }

  @Test func `A0 is what Huawei has published`() throws {
    let date = "20191115T033655Z"
    let request = CanonicalRequest(
      method: "GET", path: "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs",
      query: [("limit", "2"), ("marker", "13551d6b-755d-4757-b956-536f674975c0")],
      headers: [Self.json, ("Host", "service.region.example.com"), ("X-Sdk-Date", date)])
    #expect(request.sha256 == "b25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a")
    let signature = RequestSignature(
      of: request, key: Self.key, form: .access, date: try #require(SigningDate(date)))
    #expect(signature.signature == "7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe")
  }

  @Test func `A1, a GET with a query, line by line`() throws {
    let request = CanonicalRequest(
      method: "GET", path: Self.groups, query: Self.listQuery,
      headers: [Self.dateHeader, Self.projectHeader, Self.hostHeader, Self.json])
    #expect(
      request.text == """
        GET
        /autoscaling-api/v1/0215ef11e49d4743be23dd97a1561e91/scaling_group/
        limit=100&scaling_group_name=web%20tier%2Fblue~1&start_number=0
        content-type:application/json
        host:as.eu-de.otc.t-systems.com
        x-project-id:0215ef11e49d4743be23dd97a1561e91
        x-sdk-date:20260115T093000Z

        content-type;host;x-project-id;x-sdk-date
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        """)
    let signature = try Self.sign(request, .access)
    #expect(
      signature.stringToSign == """
        SDK-HMAC-SHA256
        20260115T093000Z
        37fb0c027b12da345ed937cc4f54a9007d34b5cb0fb5fb4d6fb320fdea5c757c
        """)
    #expect(
      signature.authorization == "SDK-HMAC-SHA256 Access=QTWAOYTTINDUT2QVKYUC, "
        + "SignedHeaders=content-type;host;x-project-id;x-sdk-date, "
        + "Signature=855be16654867019fa52db1d2f97a95e379b8d3b6942dd3523bc5040d83b348c")
  }

  @Test func `A2, a PUT with a body`() throws {
    #expect(Self.body.count == 80)
    let request = CanonicalRequest(
      method: "PUT", path: Self.group, headers: [Self.json, Self.hostHeader, Self.projectHeader, Self.dateHeader],
      body: Self.body)
    #expect(request.text.hasSuffix("869aea224fa88741cfaaec0c579396bd1fd513babef8b2623dce451af976cf0a"))
    #expect(request.sha256 == "e9b287bc588d7e84d03fdd0915e9e63f7466008c37225ee0eb9a4e03c6f1ee29")
    #expect(
      try Self.sign(request, .access).signature == "568cc99e18aa5ca566c2a071123aa036047cae52b6fd7942433fd1d89928afe0")
  }

  @Test func `A3, a GET with the fewest headers`() throws {
    let request = CanonicalRequest(method: "GET", path: Self.group, headers: [Self.hostHeader, Self.dateHeader])
    #expect(request.sha256 == "2ed1c8f5afd5f324db46ba8bbf0be9135830f8c8d5d4d2d17b11320a8c4b754c")
    #expect(
      try Self.sign(request, .access).signature == "2def59af20c30cf4da73007c799e2524f29c252b57fd5bc1dd5d997cf6103198")
  }

  @Test func `B1, a GET with a query and a derived key`() throws {
    let request = CanonicalRequest(
      method: "GET", path: Self.groups, query: Self.listQuery,
      headers: [Self.accept, Self.hostHeader, Self.dateHeader])
    let signature = try Self.sign(request, .openTelekomCloud)
    #expect(
      signature.stringToSign == """
        SDK-HMAC-SHA256
        20260115T093000Z
        20260115///sdk_request
        251c3139b9aa978d0927888f081a02564916c837e1c49de051b4b753d444ff65
        """)
    #expect(
      signature.authorization == "SDK-HMAC-SHA256 Credential=QTWAOYTTINDUT2QVKYUC/20260115///sdk_request, "
        + "SignedHeaders=accept;host;x-sdk-date, "
        + "Signature=459b84b7e75dc6966c0b7d29ffd0077280c19608a1a0fbf3d76fecfbe9cb2579")
  }

  @Test(arguments: [
    (
      SigningForm.openTelekomCloud, "13cf45334b630107a06adfbcb13efe7d67870987499facb91c24c20c00f950d7",
      "31cec7cc405bf8e7c17781a816eeb89ed53d5b957df89ba5dd42efc0f1808a4e"
    ),
    (
      .credential(region: "eu-de", service: "as"), "b9f3149f6e8a60c21342c978d820c41fc1bfecd652b052cf57234cf8401652c2",
      "2f3d98a51dc732d5f6f57e4893c7c66834202e30ae9477424441a03a9d52b4a1"
    ),
  ])
  func `B2, a PUT with a derived key`(form: SigningForm, key: String, signature: String) throws {
    let request = CanonicalRequest(
      method: "PUT", path: Self.group, headers: [Self.accept, Self.json, Self.hostHeader, Self.dateHeader],
      body: Self.body)
    #expect(request.sha256 == "a1b5abf71563e754562528e985610a121f7081ec662d939dbb82827bd704156e")
    guard case .credential(let region, let service) = form else { return }
    let derived = RequestSignature.derivedKey(
      secret: "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc", day: "20260115", region: region, service: service)
    #expect(derived.withUnsafeBytes { Hexadecimal.text($0) } == key)
    #expect(try Self.sign(request, form).signature == signature)
  }
}
