/// How a cloud is reached, and where each part of that came from (reference, section 7.4).
///
/// `--cloud` is a flag and beats the environment: then `clouds.yaml` comes first, and variables only fill what it lacks.
/// Without the flag the environment comes first, and the cloud of `OS_CLOUD` fills what that lacks. A cloud is never
/// chosen because it is the only one.
///
/// What belongs together stays together: a password goes with the user that its own source names, a secret key and a
/// security token with their access key, a project's id with its name. One that comes from elsewhere is taken only
/// where its source names no other user or key.
package struct CloudSettings: Sendable {
  package let cloudName: Setting<String>?
  /// IAM, with its version and without a trailing `/`.
  package let authURL: Setting<String>?

  package let userName: Setting<String>?
  package let userID: Setting<String>?
  package let userDomainName: Setting<String>?
  package let userDomainID: Setting<String>?
  package let password: Setting<Secret>?
  package let passcode: Setting<Secret>?

  package let projectName: Setting<String>?
  package let projectID: Setting<String>?
  package let projectDomainName: Setting<String>?
  package let projectDomainID: Setting<String>?
  /// The account, for requests about no project.
  package let domainID: Setting<String>?

  package let token: Setting<Secret>?
  package let accessKey: Setting<String>?
  package let secretKey: Setting<Secret>?
  package let securityToken: Setting<Secret>?

  /// Where none is given, what the project's name begins with.
  package let regionName: Setting<String>?
  /// Of the catalogue: `public`, `internal` or `admin`.
  package let interface: Setting<String>?
  /// PEM file of certificate authorities; an absolute path.
  package let caFile: Setting<String>?
  /// Whether the services' certificates are verified.
  package let verifies: Setting<Bool>

  /// Names the clouds that could be chosen where none is: for messages about anything that is missing.
  package let cloudChoiceHint: String?

  let layers: [SettingLayer]
  /// Whose user, access key and token they are.
  let userOwner: SettingLayer?
  let keyOwner: SettingLayer?
  let tokenOwner: SettingLayer?
  /// By region in capitals, with `_` for `-`.
  private let regionEndpoints: [String: Setting<String>]
  /// Where a missing value would stand in the chosen cloud's files.
  let places: [SettingName: String]

  /// Finds all settings.
  ///
  /// - Parameters:
  ///   - cloud: the value of `--cloud`.
  ///   - environment: whose variables and files are read.
  /// - Returns: what was found. Whether credentials are complete is judged by `credentials(for:)`.
  /// - Throws: where a file or a value cannot be used, or the chosen cloud does not exist.
  package static func resolve(
    cloud: String?, in environment: CloudEnvironment
  ) throws(CloudConfigurationError) -> CloudSettings {
    var layers = try SettingLayer.ofEnvironment(environment)
    var choice = try environment.first(of: ["OS_CLOUD"])?.revealed
    if let cloud { choice = Setting(cloud, from: "--cloud") }
    guard let choice else {
      return try CloudSettings(
        layers: layers, environment: environment, choice: nil, regions: nil, places: [:],
        hint: CloudsFiles.choiceHint(in: environment))
    }
    let files = try CloudsFiles(in: environment)
    let chosen = try files.cloud(choice)
    layers.insert(chosen.layer, at: cloud == nil ? layers.endIndex : 0)
    var places: [SettingName: String] = [:]
    for name in SettingName.allCases { places[name] = files.place(of: name, cloud: choice.value) }
    return try CloudSettings(
      layers: layers, environment: environment, choice: choice, regions: chosen.regions, places: places, hint: nil)
  }

  private init(
    layers: [SettingLayer], environment: CloudEnvironment, choice: Setting<String>?, regions: Setting<[String]>?,
    places: [SettingName: String], hint: String?
  ) throws(CloudConfigurationError) {
    func first(_ name: SettingName) -> Setting<String>? { layers.lazy.compactMap { $0[name] }.first }

    self.layers = layers
    self.places = places
    cloudName = choice
    cloudChoiceHint = hint
    // One of Huawei Cloud's variables does not beat that of a cloud: the cloud's password would go to another IAM.
    let openStack = layers.lazy.filter { $0.family == .openStack }.compactMap { $0[.authURL] }.first
    authURL = try (openStack ?? first(.authURL)).map(CloudAddress.authURL)
    domainID = first(.accountID)
    interface = first(.interface).map { Setting(Self.interface($0.value), from: $0.source) }
    caFile = first(.caFile).map { Setting(environment.absolute($0.value), from: $0.source) }
    verifies = layers.lazy.compactMap(\.verifies).first ?? Setting(true, from: "default")

    let user = SettingOwnership.ofUser(in: layers)
    userOwner = user.owner
    userName = user.owner?[.userName]
    userID = user.owner?[.userID]
    let userDomain = user.first(\.userDomain)
    userDomainName = userDomain?.name
    userDomainID = userDomain?.id
    password = user.first { $0.values[.password] }
    passcode = user.first { $0.values[.passcode] }

    let key = SettingOwnership.ofAccessKey(in: layers)
    keyOwner = key.owner
    accessKey = key.owner?[.accessKey]
    let secret = key.firstLayer { $0.values[.secretKey] != nil }
    secretKey = secret?.values[.secretKey]
    // That of another source belongs to another temporary key, whatever that source names.
    securityToken = key.owner?.values[.securityToken] ?? secret?.values[.securityToken]

    tokenOwner = layers.first { $0.values[.token] != nil }
    token = tokenOwner?.values[.token]

    let projectOwner = layers.first(where: \.namesProject)
    projectName = projectOwner?[.projectName]
    projectID = projectOwner?[.projectID]
    let projectDomain = projectOwner?.projectDomain ?? layers.lazy.compactMap(\.projectDomain).first
    projectDomainName = projectDomain?.name
    projectDomainID = projectDomain?.id

    regionName = Self.region(in: layers)
    if regionName == nil, let regions, !regions.value.isEmpty {
      throw .severalRegions(source: regions.source, regions: regions.value)
    }
    var endpoints: [String: Setting<String>] = [:]
    for variable in environment.variables(prefix: "HUAWEICLOUD_SDK_REGION_AS_") {
      endpoints[variable.rest] = try Setting(checking: variable.value, from: variable.name).revealed
    }
    regionEndpoints = endpoints
  }

  /// The Auto Scaling endpoint that is given for the settings' own region.
  package var autoScalingEndpoint: Setting<String>? { autoScalingEndpoint(region: nil) }

  /// The Auto Scaling endpoint that is given: `auto_scaling_endpoint_override` of the cloud, which is about its own
  /// region only, or `HUAWEICLOUD_SDK_REGION_AS_<REGION>`; of both the one whose source comes first.
  ///
  /// - Parameter region: such as `eu-de`; `nil` for the settings' own one.
  /// - Returns: as the source has it; `nil` where none is given.
  package func autoScalingEndpoint(region: String?) -> Setting<String>? {
    let isOwn = region == nil || region == regionName?.value
    let cloud = isOwn ? layers.lazy.compactMap { $0[.autoScalingEndpoint] }.first : nil
    let name = (region ?? regionName?.value)?.uppercased().split(separator: "-").joined(separator: "_")
    let variable = name.flatMap { regionEndpoints[$0] }
    return layers.first?.rank == .cloud ? cloud ?? variable : variable ?? cloud
  }

  /// The Auto Scaling endpoint of a region by the pattern of its cloud: Open Telekom Cloud's, or Huawei Cloud's where
  /// IAM is there or the region comes from one of its variables.
  ///
  /// - Parameter region: such as `eu-de` or `cn-north-4`.
  /// - Returns: `nil` where the region's address follows no known pattern.
  package func regionalAutoScalingEndpoint(region: String) -> String? {
    if let endpoint = CloudAddress.defaultAutoScalingEndpoint(region: region) { return endpoint }
    let host = authURL.flatMap { CloudAddress.host(of: $0.value) }
    let isHuaweiCloud = host?.contains(".myhuaweicloud.") ?? (regionName?.source == "HW_REGION_NAME")
    guard isHuaweiCloud, region.wholeMatch(of: /[a-z0-9-]+/) != nil else { return nil }
    return "https://as.\(region).myhuaweicloud.\(host?.hasSuffix(".eu") == true ? "eu" : "com")"
  }

  /// Sources of one rank are asked together: a variable with a region beats what another variable's project implies.
  private static func region(in layers: [SettingLayer]) -> Setting<String>? {
    for rank in ranks(of: layers) {
      let peers = layers.filter { $0.rank == rank }
      if let region = peers.lazy.compactMap({ $0[.regionName] }).first { return region }
      for project in peers.lazy.compactMap({ $0[.projectName] }) {
        if let region = CloudAddress.region(ofProject: project.value) {
          return Setting(region, from: "the project's name, \(project.source)")
        }
      }
    }
    return nil
  }

  /// Who comes first, and who second.
  static func ranks(of layers: [SettingLayer]) -> [SettingLayer.Rank] {
    layers.first?.rank == .cloud ? [.cloud, .environment] : [.environment, .cloud]
  }

  /// `publicURL` is an older way to write `public`.
  private static func interface(_ text: String) -> String {
    text.hasSuffix("URL") ? String(text.dropLast(3)) : text
  }
}
