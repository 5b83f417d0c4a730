package import Signing

/// What `simulate` is told: how many groups, how slow, how faulty.
package struct SimulatorOptions: Sendable {
  /// How requests have to prove who they are.
  package enum Authentication: String, Sendable, CaseIterable {
    case none
    /// `X-Auth-Token` with a token of the simulator's own `POST /v3/auth/tokens`, or `fixedToken`.
    case token
    /// A signature with `accessKey`, in either of the two forms.
    case aksk
  }

  /// TCP port on loopback, 0 for any free one.
  package var port = 0
  /// How many groups there are at the start, in all projects together; 0 or more.
  package var groups = 25
  /// How many projects there are; 1 or more.
  package var projects = 1
  /// Ids, values, faults, latencies and scaling times follow from it.
  package var seed: UInt64 = 1
  /// Between the receipt of a request and its answer. An effect takes place at the receipt.
  package var latency: ClosedRange<Duration> = .zero ... .zero
  /// How long a changed desired number keeps a group scaling.
  package var scalingTime: ClosedRange<Duration> = .zero ... .zero
  package var faults: [FaultSpec] = []
  package var authentication = Authentication.none
  /// With `.token`: a token that is valid for all projects, besides those that were issued.
  package var fixedToken: String?
  /// The user that the token endpoint knows; any where it is `nil`.
  package var userName: String?
  /// The domain (account) of the user and the projects; any where it is `nil`.
  package var domainName: String?
  /// The password that the token endpoint wants; any non-empty one where it is `nil`.
  package var password: String?
  /// Projects whose Auto Scaling the catalogue has elsewhere, by project id; the others are here, in `eu-de`.
  package var catalogEndpoints: [String: (region: String, endpoint: String)] = [:]
  /// Whoever comes may look, but change nothing: 403 AS.0011 (the reference, section 6.3).
  package var isReadOnly = false

  /// The pair of Huawei Cloud's signing guide: known to everybody, so no secret.
  package static let sampleKeyID = "QTWAOYTTINDUT2QVKYUC"
  package static let sampleSecret = "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc"
  /// A user of no real cloud, so no secret either.
  package static let sampleUserName = "ada"
  package static let samplePassword = "sample-password"
  package static let sampleDomainName = "OTC-EU-DE-00000000001000000001"

  /// With `.aksk`: the key that signs.
  package var accessKey = AccessKey(id: sampleKeyID, secret: sampleSecret)
  /// How long an issued token is valid (the service: 24 hours).
  package var tokenLifetime: Duration = .seconds(86400)
  /// How many of the latest requests the journal keeps in memory.
  package var journalLimit = 100_000
  /// A file that gets one line of JSON for each request, before the answer leaves.
  package var journalPath: String?

  package init() {}
}

/// An option of the simulator that cannot be read.
package struct SimulatorOptionError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was given.
  package var text: String
  /// What is wrong and what would be right.
  package var problem: String

  package var description: String { "\(text): \(problem)" }
}

extension SimulatorOptions {
  /// Reads `250ms`, `30s`, `5m`, `1h`; the number may have a fraction (`1.5s`).
  ///
  /// - Throws: `SimulatorOptionError` where there is no number, no unit, or another unit.
  package static func duration(_ text: String) throws(SimulatorOptionError) -> Duration {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let number = Double(digits), number <= 1e9 else {
      throw SimulatorOptionError(text: text, problem: "no duration; write a number and its unit, such as 250ms or 30s")
    }
    switch text.dropFirst(digits.count) {
    case "ms": return .seconds(number / 1000)
    case "s": return .seconds(number)
    case "m": return .seconds(number * 60)
    case "h": return .seconds(number * 3600)
    case "": throw SimulatorOptionError(text: text, problem: "no unit; write \(text)ms, \(text)s, \(text)m or \(text)h")
    case let unit: throw SimulatorOptionError(text: text, problem: "unknown unit \(unit); use ms, s, m or h")
    }
  }

  /// Reads `5ms..40ms`, or one duration, which is both ends.
  ///
  /// - Throws: `SimulatorOptionError` where an end is no duration or the first is the longer one.
  package static func durationRange(_ text: String) throws(SimulatorOptionError) -> ClosedRange<Duration> {
    let ends = try rangeEnds(text)
    let lower = try duration(ends.lower)
    let upper = try duration(ends.upper)
    guard lower <= upper else {
      throw SimulatorOptionError(
        text: text, problem: "the first duration is longer; write \(ends.upper)..\(ends.lower)")
    }
    return lower...upper
  }

  /// The two sides of `A..B`; both are the text itself where it has no `..`.
  static func rangeEnds(_ text: String) throws(SimulatorOptionError) -> (lower: String, upper: String) {
    let bytes = Array(text.utf8)
    let dots = bytes.indices.dropLast().filter { bytes[$0] == UInt8(ascii: ".") && bytes[$0 + 1] == UInt8(ascii: ".") }
    guard let first = dots.first else { return (text, text) }
    guard dots.count == 1, first > 0, first + 2 < bytes.count else {
      throw SimulatorOptionError(text: text, problem: "no range; write MIN..MAX, such as 5ms..40ms")
    }
    return (String(decoding: bytes[..<first], as: UTF8.self), String(decoding: bytes[(first + 2)...], as: UTF8.self))
  }
}
