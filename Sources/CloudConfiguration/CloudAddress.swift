/// Addresses of Open Telekom Cloud's services, and the form of IAM's.
package enum CloudAddress {
  /// Regions that follow the pattern; the Swiss eu-ch2 has a domain of its own, which its catalogue tells
  /// (reference, section 7.1).
  private static let patternRegions: Set<String> = ["eu-de", "eu-nl"]

  /// The IAM address of a region of Open Telekom Cloud; `nil` for any other region.
  package static func defaultAuthURL(region: String) -> String? {
    patternRegions.contains(region) ? "https://iam.\(region).otc.t-systems.com/v3" : nil
  }

  /// The Auto Scaling endpoint of a region of Open Telekom Cloud; `nil` for any other region.
  package static func defaultAutoScalingEndpoint(region: String) -> String? {
    patternRegions.contains(region) ? "https://as.\(region).otc.t-systems.com" : nil
  }

  /// The region that a project's name begins with: `eu-de` and `eu-de_fleet` are projects of eu-de.
  ///
  /// - Parameter projectName: as IAM has it.
  /// - Returns: `nil` where the name does not begin like a region, such as eu-de, eu-ch2 or cn-north-4.
  package static func region(ofProject projectName: String) -> String? {
    let prefix = projectName.prefix { $0 != "_" }
    return prefix.wholeMatch(of: /[a-z]{2}-[a-z]+(-?[0-9]+)?/) == nil ? nil : String(prefix)
  }

  /// Host and port of an address.
  static func host(of address: String) -> String? {
    address.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first.map(String.init)
  }

  /// IAM's address with its version: `/v3` is appended where the path names none, and what follows it is dropped.
  ///
  /// - Parameter setting: as the source has it.
  /// - Returns: an address without a trailing `/`.
  /// - Throws: `invalidValue` for what is no address. One with a password in it is not repeated.
  static func authURL(_ setting: Setting<String>) throws(CloudConfigurationError) -> Setting<String> {
    func invalid(_ reason: String) -> CloudConfigurationError { .invalidValue(source: setting.source, reason: reason) }

    let text = setting.value[...].trimmed
    guard let scheme = ["https://", "http://"].first(where: { text.lowercased().hasPrefix($0) }) else {
      throw invalid("an IAM address begins with https://, such as https://iam.eu-de.otc.t-systems.com/v3")
    }
    let rest = text.dropFirst(scheme.count)
    guard !rest.contains("@") else { throw invalid("it must not have a user name or password") }
    guard !rest.contains(where: { $0 == "?" || $0 == "#" || $0.isWhitespace }) else {
      throw invalid("an IAM address has no query, no fragment and no blanks")
    }
    var segments = rest.split(separator: "/").map(String.init)
    guard !segments.isEmpty, !rest.hasPrefix("/") else { throw invalid("it has no host") }
    if let version = segments.dropFirst().firstIndex(where: { $0.wholeMatch(of: /v[0-9]+(\.[0-9]+)?/) != nil }) {
      guard segments[version] == "v3" || segments[version].hasPrefix("v3.") else {
        throw invalid("IAM is spoken to in version 3: its address ends in /v3")
      }
      segments.removeSubrange((version + 1)...)
    } else {
      segments.append("v3")
    }
    return Setting(scheme + segments.joined(separator: "/"), from: setting.source)
  }
}
