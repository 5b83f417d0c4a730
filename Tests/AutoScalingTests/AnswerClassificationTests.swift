import AutoScaling
import Testing

@Suite struct AnswerClassificationTests {
  /// Every returned value of the API page, and others, without a code.
  @Test(arguments: [
    (200, ServiceFailure.Certainty.lost, AnswerDisposition.retryable), (201, .lost, .retryable),
    (204, .lost, .retryable),
    (301, .refused, .permanent), (302, .refused, .permanent), (307, .refused, .permanent), (308, .refused, .permanent),
    (400, .refused, .permanent), (401, .refused, .unauthorized), (403, .refused, .permanent),
    (404, .refused, .permanent), (405, .refused, .permanent), (406, .refused, .permanent), (407, .refused, .permanent),
    (408, .refused, .retryable), (409, .refused, .retryable), (413, .refused, .permanent), (422, .refused, .permanent),
    (429, .refused, .retryable), (500, .lost, .retryable), (501, .lost, .permanent), (502, .lost, .retryable),
    (503, .lost, .retryable), (504, .lost, .retryable), (505, .lost, .permanent), (101, .refused, .permanent),
  ])
  func `a status without a code has its class`(
    _ status: Int, _ certainty: ServiceFailure.Certainty, _ disposition: AnswerDisposition
  ) {
    for code in [nil, "XX.1234", "401"] {
      #expect(
        AnswerClassification(status: status, code: code)
          == AnswerClassification(certainty: certainty, disposition: disposition))
    }
  }

  /// The classes of the reference, section 6.3, copied by hand: everything else there is permanent.
  static let classT = ["AS.0001", "AS.0049", "AS.7078"]
  static let classS = ["AS.0003", "AS.0026", "AS.0034", "AS.0050", "AS.2020", "AS.2047", "AS.2054"]
  static let settledByRead = ["AS.2030", "AS.2033"]
  static let credentials = [
    "AS.0005", "AS.0006", "APIG.0301", "APIG.0307", "IAM.0001", "IAM.0061", "IAM.0062", "IAM.0066", "IAM.0067",
  ]
  static let gatewayTransient = [
    "APIG.0202", "APIG.0203", "APIG.0308", "APIG.0601", "APIG.0610", "APIG.0613", "IAM.0012",
  ]

  @Test(arguments: ServiceErrorCode.all) func `every documented code has its disposition`(_ entry: ServiceErrorCode) {
    let expected: AnswerDisposition =
      if Self.classT.contains(entry.code) || Self.gatewayTransient.contains(entry.code) {
        .retryable
      } else if Self.classS.contains(entry.code) {
        .busy
      } else if Self.settledByRead.contains(entry.code) {
        .busyIfScaling
      } else if Self.credentials.contains(entry.code) {
        .unauthorized
      } else if entry.code == "AS.2028" {
        .sameNumber
      } else {
        .permanent
      }
    #expect(AnswerClassification(status: 400, code: entry.code).disposition == expected, "with 400")
    let usual = AnswerClassification(status: entry.statuses[0], code: entry.code)
    #expect(usual.disposition == expected, "with \(entry.statuses[0])")
    #expect(usual.certainty == (entry.statuses[0] >= 500 ? .lost : .refused))
  }

  @Test func `the table holds each code of the reference once`() {
    let codes = ServiceErrorCode.all.map(\.code)
    #expect(Set(codes).count == codes.count)
    let listed = Self.classT + Self.classS + Self.settledByRead + Self.credentials + Self.gatewayTransient + ["AS.2028"]
    #expect(Set(listed).isSubset(of: codes))
    // Section 6.3: one of each row, and the ends of each range.
    for code in [
      "AS.0002", "AS.0022", "AS.0007", "AS.0008", "AS.0011", "AS.0012", "AS.0013", "AS.0031", "AS.0033", "AS.1003",
      "AS.1004", "AS.1086", "AS.1088", "AS.1001", "AS.1002", "AS.2002", "AS.2003", "AS.2022", "AS.2004", "AS.2005",
      "AS.2045", "AS.2006", "AS.2007", "AS.2008", "AS.2009", "AS.2010", "AS.2051", "AS.2052", "AS.2011", "AS.2044",
      "AS.2012", "AS.2017", "AS.2013", "AS.2024", "AS.2027", "AS.2014", "AS.2025", "AS.2015", "AS.2016", "AS.2026",
      "AS.2037", "AS.2018", "AS.2021", "AS.2019", "AS.2023", "AS.2029", "AS.2031", "AS.2046", "AS.2032", "AS.2034",
      "AS.2053", "AS.2035", "AS.2036", "AS.2038", "AS.2043", "AS.2039", "AS.2040", "AS.2042", "AS.2048", "AS.2049",
      "AS.2050", "AS.2057", "AS.4000", "AS.4006", "AS.9001", "AS.9009", "AS.9010", "AS.9013", "AS.7012", "AS.7019",
      "AS.7022", "AS.7059", "AS.7060", "AS.7065", "AS.7081", "AS.7111", "AS.7115",
    ] { #expect(codes.contains(code), "\(code)") }
  }

  @Test(arguments: [409, 429, 500, 503]) func `a state conflict is busy whatever its status`(_ status: Int) {
    #expect(AnswerClassification(status: status, code: "AS.0003").disposition == .busy)
    #expect(AnswerClassification(status: status, code: "AS.2030").disposition == .busyIfScaling)
    #expect(AnswerClassification(status: status, code: "AS.2007").disposition == .retryable)
  }

  @Test func `the two prefixes of the gateway are alike`() {
    #expect(
      AnswerClassification(status: 400, code: "APIGW.0308") == AnswerClassification(status: 400, code: "APIG.0308"))
    #expect(ServiceErrorCode.entry(of: "APIGW.0301")?.code == "APIG.0301")
    #expect(ServiceErrorCode.entry(of: "APIGW.") == nil)
  }

  @Test func `a missing group is permanent with 400 and with 404`() {
    for status in [400, 404] {
      #expect(
        AnswerClassification(status: status, code: "AS.2007")
          == AnswerClassification(certainty: .refused, disposition: .permanent))
    }
  }
}
