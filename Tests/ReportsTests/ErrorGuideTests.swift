import AutoScaling
import Testing

@testable import Reports

@Suite struct ErrorGuideTests {
  private static let own = [
    FleetplanCode.precondition, FleetplanCode.instanceRange, FleetplanCode.noListener, FleetplanCode.groupDeleting,
    FleetplanCode.connectionRefused, FleetplanCode.nameNotFound, FleetplanCode.tls, FleetplanCode.connectTimeout,
    FleetplanCode.invalidRequest, FleetplanCode.connectionReset, FleetplanCode.requestTimeout,
    FleetplanCode.truncatedBody, FleetplanCode.bodyTooLarge, FleetplanCode.notHTTP, FleetplanCode.unexpectedBody,
    FleetplanCode.otherGroup, FleetplanCode.unexpectedStatus, FleetplanCode.cancelled, FleetplanCode.redirect,
    FleetplanCode.conflict, FleetplanCode.irreversible, FleetplanCode.unrestorable, FleetplanCode.busy,
    FleetplanCode.predecessor, FleetplanCode.superseded, FleetplanCode.notVerified, FleetplanCode.notStable,
    FleetplanCode.interrupted, FleetplanCode.abandoned,
  ]

  @Test func `every code that is known has a meaning of its own and something to do`() {
    let unknown = ErrorGuide(code: "AS.0999")
    for code in ServiceErrorCode.all.map(\.code) + Self.own {
      let guide = ErrorGuide(code: code)
      #expect(guide.meaning != unknown.meaning && !guide.meaning.isEmpty && guide.advice.count > 15, "\(code)")
    }
  }

  @Test func `the two prefixes of the gateway are alike`() {
    #expect(ErrorGuide(code: "APIGW.0308") == ErrorGuide(code: "APIG.0308"))
  }

  @Test func `where there is no code the status speaks`() {
    #expect(ErrorGuide(code: "", status: 503) == ErrorGuide(code: "503"))
    #expect(ErrorGuide(code: "409").meaning.contains("in conflict"))
    #expect(ErrorGuide(code: "", status: 418) == ErrorGuide(code: ""))
  }
}
