import CloudConfiguration
import Testing

@Suite("Who comes first")
struct PrecedenceTests {
  static let file = TestEnvironment.userFile
  static let yaml = """
    clouds:
      otc:
        auth: {auth_url: https://cloud, username: ada, user_domain_name: OTC, password: cloudpw, project_name: eu-nl_c}
        interface: internal
        verify: false
      bare:
        auth: {auth_url: https://cloud, username: ada, user_domain_name: OTC}
    """

  private func environment(_ variables: [String: String], _ yaml: String = yaml) -> TestEnvironment {
    TestEnvironment(variables: variables, files: [Self.file: yaml])
  }

  @Test func `the flag beats the environment`() throws {
    let settings = try environment([
      "OS_CLOUD": "bare", "OS_AUTH_URL": "https://env", "OS_INTERFACE": "public", "OS_INSECURE": "false",
      "OS_CACERT": "/ca.pem", "OS_PROJECT_NAME": "eu-de_e",
    ]).settings(cloud: "otc")
    #expect(settings.cloudName == Setting("otc", from: "--cloud"))
    #expect(settings.authURL?.value == "https://cloud/v3")
    #expect(settings.interface?.value == "internal")
    #expect(!settings.verifies.value)
    #expect(settings.caFile == Setting("/ca.pem", from: "OS_CACERT"), "what the cloud lacks")
    #expect(settings.projectName?.value == "eu-nl_c")
    #expect(settings.regionName?.value == "eu-nl")
  }

  @Test func `the environment beats the cloud of OS_CLOUD`() throws {
    let settings = try environment([
      "OS_CLOUD": "otc", "OS_AUTH_URL": "https://env", "OS_INSECURE": "false", "OS_PROJECT_NAME": "eu-de_e",
    ]).settings()
    #expect(settings.cloudName == Setting("otc", from: "OS_CLOUD"))
    #expect(settings.authURL?.value == "https://env/v3")
    #expect(settings.verifies.value)
    #expect(settings.projectName?.value == "eu-de_e")
    #expect(settings.regionName?.value == "eu-de")
    #expect(settings.userName?.value == "ada", "what the environment lacks")
    #expect(settings.interface?.value == "internal")
  }

  @Test(arguments: ["HUAWEICLOUD_SDK_IAM_ENDPOINT", "HW_AUTH_URL"])
  func `a cloud's password does not go to the address of another family of variables`(variable: String) throws {
    let settings = try environment([variable: "https://huawei", "OS_CLOUD": "otc"]).settings()
    #expect(settings.authURL?.value == "https://cloud/v3")
  }

  @Test func `a region that is named beats one that a project of the same source implies`() throws {
    let settings = try environment(["OS_PROJECT_NAME": "eu-de_e", "HW_REGION_NAME": "eu-nl"]).settings()
    #expect(settings.regionName?.value == "eu-nl")
    let cloud = try environment(["OS_REGION_NAME": "eu-de"]).settings(cloud: "otc")
    #expect(cloud.regionName?.value == "eu-nl", "the cloud's own project is in eu-nl")
  }

  @Test(arguments: [nil, "bare"]) func `OS_PASSWORD completes a cloud`(cloud: String?) throws {
    var environment = environment(["OS_PASSWORD": "envpw"])
    if cloud == nil { environment.variables["OS_CLOUD"] = "bare" }
    let settings = try environment.settings(cloud: cloud)
    #expect(settings.password?.open == Setting("envpw", from: "OS_PASSWORD"))
    let same = TestEnvironment(
      variables: environment.variables.merging(["OS_USERNAME": "ada"]) { $1 }, files: environment.files)
    #expect(try same.settings(cloud: cloud).password?.value.reveal() == "envpw")
  }

  @Test(arguments: [nil, "otc"]) func `a password stays with its own user`(cloud: String?) throws {
    var environment = environment(["OS_PASSWORD": "envpw"])
    if cloud == nil { environment.variables["OS_CLOUD"] = "otc" }
    #expect(try environment.settings(cloud: cloud).password?.value.reveal() == "cloudpw")
  }

  /// The variables beside OS_PASSWORD, and whether the password then is one for ada of OTC.
  @Test(
    arguments: [
      ([:], true), (["OS_USERNAME": "ada"], true), (["OS_USERNAME": "bob"], false), (["OS_USER_ID": "u1"], false),
      (["OS_USERNAME": "ada", "OS_USER_DOMAIN_NAME": "OTC"], true),
      (["OS_USERNAME": "ada", "OS_USER_DOMAIN_NAME": "Other"], false),
      (["OS_USERNAME": "ada", "OS_DOMAIN_NAME": "Other"], false),
      (["OS_USERNAME": "ada", "OS_USER_DOMAIN_ID": "d1"], true),
    ] as [([String: String], Bool)])
  func `a password of another user is not taken`(variables: [String: String], isTaken: Bool) throws {
    let environment = environment(variables.merging(["OS_PASSWORD": "envpw"]) { $1 })
    let settings = try environment.settings(cloud: "bare")
    #expect(settings.userName?.value == "ada")
    #expect((settings.password != nil) == isTaken)
    if !isTaken {
      let user = variables["OS_USER_ID"] == nil ? "OS_USERNAME" : "OS_USER_ID"
      #expect(
        environment.message(cloud: "bare").hasSuffix(
          "no password: set OS_PASSWORD or clouds.bare.auth.password in \(Self.file) "
            + "(OS_PASSWORD is not taken: it may be of another user, that of \(user))"))
    }
  }

  @Test func `a user of the environment brings domain and passcode`() throws {
    let settings = try environment([
      "OS_CLOUD": "otc", "OS_USERNAME": "bob", "OS_PASSWORD": "pw", "OS_PASSCODE": "1", "OS_DOMAIN_NAME": "Other",
    ]).settings()
    #expect(settings.userName?.value == "bob")
    #expect(settings.password?.value.reveal() == "pw")
    #expect(settings.passcode?.value.reveal() == "1")
    #expect(settings.userDomainName?.value == "Other")
  }

  @Test func `a project's id is not joined with another project's name`() throws {
    let settings = try environment(["OS_PROJECT_ID": "0042"]).settings(cloud: "otc")
    #expect(settings.projectName?.value == "eu-nl_c")
    #expect(settings.projectID == nil)
    #expect(settings.projectDomainName?.value == "OTC")
  }

  @Test func `a secret key completes an access key that stands alone, or is the same`() throws {
    let yaml = "clouds: {otc: {auth: {ak: AK}}}"
    #expect(try environment(["OS_SK": "SK"], yaml).settings(cloud: "otc").secretKey?.source == "OS_SK")
    #expect(try environment(["OS_AK": "AK", "OS_SK": "SK"], yaml).settings(cloud: "otc").secretKey?.source == "OS_SK")
    let other = environment(["OS_AK": "AK2", "OS_SK": "SK"], yaml)
    #expect(try other.settings(cloud: "otc").secretKey == nil)
    #expect(
      other.message(cloud: "otc")
        == "incomplete credentials: access key from \(Self.file): clouds.otc.auth.ak, but no secret key: set "
        + "OS_SECRET_KEY or clouds.otc.auth.sk in \(Self.file) (OS_SK is not taken: it is of another key, that of OS_AK)"
    )
  }

  @Test func `a security token is not added to a permanent key of another source`() throws {
    let settings = try environment(["OS_SECURITY_TOKEN": "st"], "clouds: {otc: {auth: {ak: A, sk: S}}}")
      .settings(cloud: "otc")
    #expect(settings.securityToken == nil)
  }

  @Test func `the source that comes first gives the endpoint`() throws {
    let yaml = "clouds: {otc: {region_name: eu-de, auto_scaling_endpoint_override: https://cloud}}"
    let environment = environment(["HUAWEICLOUD_SDK_REGION_AS_EU_DE": "https://env", "OS_CLOUD": "otc"], yaml)
    #expect(try environment.settings().autoScalingEndpoint?.value == "https://env")
    let flagged = try environment.settings(cloud: "otc")
    #expect(flagged.autoScalingEndpoint?.value == "https://cloud")
    #expect(flagged.autoScalingEndpoint(region: "eu-de")?.value == "https://cloud")
    #expect(flagged.autoScalingEndpoint(region: "eu-nl") == nil, "an override is about its cloud's own region")
  }
}
