/// What one source says.
struct SettingLayer: Sendable {
  /// Sources that stand and fall together when it is decided who comes first.
  enum Rank: Sendable, Hashable {
    /// Variables, and the credentials file that a variable names.
    case environment
    /// `clouds.yaml` and `secure.yaml`.
    case cloud
  }

  let rank: Rank
  /// Whose variables would complete it; those of OpenStack for files.
  var family = SettingName.VariableFamily.openStack
  /// All of them as secrets, so that a layer can be shown.
  var values: [SettingName: Setting<Secret>] = [:]
  var verifies: Setting<Bool>?

  /// A setting that is no secret.
  subscript(name: SettingName) -> Setting<String>? { values[name]?.revealed }

  var namesUser: Bool { values[.userName] != nil || values[.userID] != nil }
  var namesProject: Bool { values[.projectName] != nil || values[.projectID] != nil }

  /// The domain of the user: its own, else the one for all, else that of the project. A name and an id of different
  /// origin are never joined: OpenStack's files often have `OS_USER_DOMAIN_NAME` beside `OS_PROJECT_DOMAIN_ID`.
  var userDomain: NameOrID? {
    domain([(.userDomainName, .userDomainID), (.domainName, .domainID), (.projectDomainName, .projectDomainID)])
  }

  /// The domain of the project: its own, else the one for all, else that of the user.
  var projectDomain: NameOrID? {
    domain([(.projectDomainName, .projectDomainID), (.domainName, .domainID), (.userDomainName, .userDomainID)])
  }

  struct NameOrID: Sendable {
    var name: Setting<String>?
    var id: Setting<String>?
  }

  private func domain(_ candidates: [(name: SettingName, id: SettingName)]) -> NameOrID? {
    for candidate in candidates where values[candidate.name] != nil || values[candidate.id] != nil {
      return NameOrID(name: self[candidate.name], id: self[candidate.id])
    }
    return nil
  }

  /// Whether it is about another user, or may be: then its password does not fit.
  func namesAnotherUser(than other: SettingLayer) -> Bool {
    guard namesUser else { return false }
    if let mine = self[.userID], let its = other[.userID] { return mine.value != its.value }
    guard let mine = self[.userName], let its = other[.userName], mine.value == its.value else { return true }
    let (domain, itsDomain) = (userDomain, other.userDomain)
    if let name = domain?.name, let itsName = itsDomain?.name { return name.value != itsName.value }
    if let id = domain?.id, let itsID = itsDomain?.id { return id.value != itsID.value }
    return false
  }

  /// Whether it has an access key of its own, and another one: then its secret key does not fit.
  func namesAnotherKey(than other: SettingLayer) -> Bool {
    guard let mine = self[.accessKey] else { return false }
    return mine.value != other[.accessKey]?.value
  }
}

extension SettingLayer {
  /// What the environment says: a layer for each family of variables, and one for the credentials file.
  ///
  /// - Parameter environment: whose variables and files are read.
  /// - Returns: the layers, in order of precedence.
  /// - Throws: where a value, or the file, cannot be used.
  static func ofEnvironment(_ environment: CloudEnvironment) throws(CloudConfigurationError) -> [SettingLayer] {
    var layers: [SettingLayer] = []
    for family in SettingName.VariableFamily.allCases {
      var layer = SettingLayer(rank: .environment, family: family)
      for name in SettingName.allCases {
        layer.values[name] = try environment.first(of: name.variables(of: family))
      }
      if family == .openStack, let insecure = try environment.first(of: ["OS_INSECURE"])?.revealed {
        guard let value = Truth.value(of: insecure.value) else {
          throw .invalidValue(source: insecure.source, reason: "it must be true or false")
        }
        layer.verifies = Setting(!value, from: insecure.source)
      }
      layers.append(layer)
    }
    if let path = try environment.first(of: ["HUAWEICLOUD_SDK_CREDENTIALS_FILE"])?.revealed {
      layers.append(try CredentialsFile.layer(path: path, in: environment))
    }
    return layers
  }
}

/// Truth as people write it in variables and in YAML 1.1.
enum Truth {
  static func value(of text: String) -> Bool? {
    switch text.lowercased() {
    case "true", "yes", "on", "1": true
    case "false", "no", "off", "0": false
    default: nil
    }
  }
}
