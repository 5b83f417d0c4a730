/// `clouds.yaml`, with `secure.yaml` laid over it, as OpenStack's clients find them: in the working directory, in
/// `~/.config/openstack`, in `/etc/openstack`; of each the first one found counts.
///
/// `profile` and vendor files are not read: they would bring in addresses from outside of these files.
struct CloudsFiles {
  /// The later ones are covered by the earlier ones: `secure.yaml` comes first.
  private let documents: [CloudsDocument]
  private let searched: [String]

  /// - Parameter environment: whose files are read.
  /// - Throws: where a file cannot be read or understood.
  init(in environment: CloudEnvironment) throws(CloudConfigurationError) {
    let (clouds, searched) = try Self.find("clouds", variable: "OS_CLIENT_CONFIG_FILE", in: environment)
    let (secure, _) = try Self.find("secure", variable: "OS_CLIENT_SECURE_FILE", in: environment)
    self.searched = searched
    documents = [secure, clouds].compactMap { $0 }
  }

  /// What to say where no cloud is chosen and something is missing; `nil` where there are no clouds to choose from.
  static func choiceHint(in environment: CloudEnvironment) -> String? {
    // Nobody has asked for this file yet, so what is wrong with it must not stop a command that does without.
    guard let found = try? find("clouds", variable: "OS_CLIENT_CONFIG_FILE", in: environment).document,
      !found.names.isEmpty
    else { return nil }
    let (noun, names) = (found.names.count == 1 ? "cloud" : "clouds", found.names.map(\.safe).joined(separator: ", "))
    return "\(found.path) has the \(noun) \(names): choose with --cloud"
  }

  /// What the files say of a cloud.
  ///
  /// - Parameter choice: its name, and who chose it.
  /// - Returns: its layer, and its regions where there are several.
  /// - Throws: `noCloudsFile`, `unknownCloud`, or what is wrong with a value.
  func cloud(
    _ choice: Setting<String>
  ) throws(CloudConfigurationError) -> (layer: SettingLayer, regions: Setting<[String]>?) {
    guard let last = documents.last else {
      throw .noCloudsFile(cloud: choice.value, chosenBy: choice.source, searched: searched)
    }
    guard documents.contains(where: { $0.has(cloud: choice.value) }) else {
      var known: [String] = []
      for name in documents.reversed().flatMap(\.names) where !known.contains(name) { known.append(name) }
      throw .unknownCloud(cloud: choice.value, chosenBy: choice.source, path: last.path, known: known)
    }
    var layer = SettingLayer(rank: .cloud)
    for name in SettingName.allCases {
      layer.values[name] = try first(name.cloudKeys) { document, key throws(CloudConfigurationError) in
        try document.text(cloud: choice.value, key: key)
      }
    }
    let verify = try first([["verify"]]) { document, key throws(CloudConfigurationError) in
      try document.truth(cloud: choice.value, key: key)
    }
    let insecure = try first([["insecure"]]) { document, key throws(CloudConfigurationError) in
      try document.truth(cloud: choice.value, key: key)
    }
    layer.verifies = verify ?? insecure.map { Setting(!$0.value, from: $0.source) }
    guard layer.values[.regionName] == nil else { return (layer, nil) }
    let regions = try first([["regions"]]) { document, _ throws(CloudConfigurationError) in
      try document.regions(cloud: choice.value)
    }
    if let regions, regions.value.count == 1 {
      layer.values[.regionName] = try Setting(checking: regions.value[0], from: regions.source)
      return (layer, nil)
    }
    return (layer, regions)
  }

  /// Where a value would have to stand.
  ///
  /// - Parameters:
  ///   - name: what is missing.
  ///   - cloud: in which cloud.
  /// - Returns: the key, and the file whose business it is: that of secrets where there is one.
  func place(of name: SettingName, cloud: String) -> String? {
    guard let key = name.cloudKeys.first, let clouds = documents.last, let secure = documents.first else { return nil }
    let isSecret = [SettingName.password, .token, .secretKey, .securityToken].contains(name)
    return "clouds.\(cloud.safe).\(key.joined(separator: ".")) in \((isSecret ? secure : clouds).path)"
  }

  private func first<Value>(
    _ keys: [[String]],
    _ read: (CloudsDocument, [String]) throws(CloudConfigurationError) -> Setting<Value>?
  ) throws(CloudConfigurationError) -> Setting<Value>? {
    for key in keys {
      for document in documents {
        if let found = try read(document, key) { return found }
      }
    }
    return nil
  }

  private static func find(
    _ name: String, variable: String, in environment: CloudEnvironment
  ) throws(CloudConfigurationError) -> (document: CloudsDocument?, searched: [String]) {
    if let named = try environment.first(of: [variable])?.revealed {
      let path = environment.absolute(named.value)
      // OpenStack's clients go on to the other places; that could be another cloud than the one that was meant.
      guard let text = try environment.read(path) else { throw .missingFile(path: path, namedBy: variable) }
      return (try CloudsDocument(path: path, text: text), [path])
    }
    let paths = environment.configurationDirectories.flatMap { ["\($0)/\(name).yaml", "\($0)/\(name).yml"] }
    for path in paths {
      if let text = try environment.read(path) { return (try CloudsDocument(path: path, text: text), paths) }
    }
    return (nil, paths)
  }
}
