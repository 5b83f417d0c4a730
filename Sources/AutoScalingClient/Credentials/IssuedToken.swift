import JSONText

/// A token as Keystone has issued it (reference, section 7.1).
package struct IssuedToken: Sendable, CustomStringConvertible, CustomReflectable {
  let token: String
  /// Seconds since 1970, by IAM's clock.
  package let expiresAt: Double
  /// Likewise; `nil` where IAM does not tell.
  package let issuedAt: Double?
  /// The project that it is for.
  package let projectID: String
  package let projectName: String?
  /// The endpoints of the catalogue that came with it; empty after `?nocatalog`.
  package let catalog: [CatalogEndpoint]

  /// Reads the answer to `POST /v3/auth/tokens`; `nil` where it is not the documented answer for a project.
  ///
  /// - Parameters:
  ///   - subjectToken: the value of `X-Subject-Token`.
  ///   - body: the JSON of the answer.
  init?(subjectToken: String, body: JSONNode) {
    guard !subjectToken.isEmpty, subjectToken.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
      let node = body["token"], let project = node["project"]?["id"]?.stringValue,
      let expiresAt = node["expires_at"]?.stringValue.flatMap(Self.secondsSince1970)
    else { return nil }
    token = subjectToken
    projectID = project
    projectName = node["project"]?["name"]?.stringValue
    self.expiresAt = expiresAt
    issuedAt = node["issued_at"]?.stringValue.flatMap(Self.secondsSince1970)
    catalog = (node["catalog"]?.arrayValue ?? []).flatMap { service in
      (service["endpoints"]?.arrayValue ?? []).compactMap { endpoint -> CatalogEndpoint? in
        guard let type = service["type"]?.stringValue, let url = endpoint["url"]?.stringValue else { return nil }
        return CatalogEndpoint(
          type: type, interface: endpoint["interface"]?.stringValue ?? "public",
          region: endpoint["region"]?.stringValue ?? endpoint["region_id"]?.stringValue, url: url)
      }
    }
  }

  /// How long it lasts from when it was issued: by IAM's clock alone, where possible, since ours may be wrong.
  ///
  /// - Parameter now: seconds since 1970, for where IAM does not tell when it was issued.
  /// - Returns: zero or more.
  package func lifetime(now: Double) -> Duration {
    .milliseconds(Int64(min(max(expiresAt - (issuedAt ?? now), 0), 366 * 86_400) * 1_000))
  }

  /// `2015-11-09T01:42:57.527363Z`, with or without the fraction: the fraction is dropped.
  static func secondsSince1970(_ text: String) -> Double? {
    guard text.utf8.count >= 20, text.utf8.last == UInt8(ascii: "Z") else { return nil }
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let date = text.prefix(10).split(separator: "-")
    guard text.dropFirst(10).first == "T", date.count == 3, let month = Int(date[1]), (1...12).contains(month) else {
      return nil
    }
    return HTTPDate.secondsSince1970(
      "Sun, \(date[2]) \(months[month - 1]) \(date[0]) \(text.dropFirst(11).prefix(8)) GMT")
  }

  package var description: String { "IssuedToken(project \(projectID))" }
  package var customMirror: Mirror { Mirror(self, children: ["projectID": projectID]) }
}

/// One endpoint of a service catalogue.
package struct CatalogEndpoint: Sendable, Hashable {
  package var type: String
  package var interface: String
  package var region: String?
  package var url: String

  /// The service types under which clouds list Auto Scaling (reference, section 7.1).
  static let autoScalingTypes = ["asv1", "as"]

  package init(type: String, interface: String, region: String?, url: String) {
    self.type = type
    self.interface = interface
    self.region = region
    self.url = url
  }
}

extension Sequence<CatalogEndpoint> {
  /// The regions in which the catalogue lists Auto Scaling, sorted.
  package func autoScalingRegions(interface: String = "public") -> [String] {
    let regions = filter { CatalogEndpoint.autoScalingTypes.contains($0.type) && $0.interface == interface }
      .compactMap(\.region)
    return Set(regions).sorted()
  }

  /// The AS endpoint, without `/autoscaling-api` and what follows it.
  ///
  /// - Parameters:
  ///   - region: where the catalogue has several regions; `nil` takes the first.
  ///   - interface: `public` for everybody outside of the cloud.
  /// - Returns: `nil` where the catalogue has none there.
  package func autoScalingEndpoint(region: String?, interface: String = "public") -> String? {
    let candidates = filter { endpoint in
      CatalogEndpoint.autoScalingTypes.contains(endpoint.type) && endpoint.interface == interface
        && (region == nil || endpoint.region == nil || endpoint.region == region)
    }
    for type in CatalogEndpoint.autoScalingTypes {
      guard let url = candidates.first(where: { $0.type == type })?.url else { continue }
      var base = url.firstRange(of: "/autoscaling-api").map { url[..<$0.lowerBound] } ?? url[...]
      while base.last == "/" { base.removeLast() }
      return String(base)
    }
    return nil
  }
}
