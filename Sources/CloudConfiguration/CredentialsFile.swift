/// The credentials file of Huawei Cloud's SDKs: an INI file with `ak`, `sk` and more in `[basic]`, for services of a
/// project, and in `[global]`, for those of an account (huaweicloud-sdk-python-v3, `ProfileCredentialProvider`).
///
/// It is read only where `HUAWEICLOUD_SDK_CREDENTIALS_FILE` names it: taking `~/.huaweicloud/credentials` unasked would
/// use another cloud's key by surprise.
enum CredentialsFile {
  /// - Parameters:
  ///   - path: as the variable has it.
  ///   - environment: for reading.
  /// - Returns: the keys of `[basic]`; what it lacks of the account's id from `[global]`. The keys of `[global]` where
  ///   there is no access key in `[basic]`.
  /// - Throws: `missingFile`, `unreadableFile` or `syntax`.
  static func layer(
    path: Setting<String>, in environment: CloudEnvironment
  ) throws(CloudConfigurationError) -> SettingLayer {
    let file = environment.absolute(path.value)
    guard let text = try environment.read(file) else { throw .missingFile(path: file, namedBy: path.source) }
    let sections = try sections(of: text, path: file)
    var layer = SettingLayer(rank: .environment, family: .huaweiCloudSDK)
    layer.values = sections["basic"] ?? [:]
    let global = sections["global"] ?? [:]
    if layer.values[.accessKey] == nil, layer.values[.secretKey] == nil {
      layer.values.merge(global) { own, _ in own }
    } else {
      layer.values[.accountID] = layer.values[.accountID] ?? global[.accountID]
    }
    return layer
  }

  private static func sections(
    of text: String, path: String
  ) throws(CloudConfigurationError) -> [String: [SettingName: Setting<Secret>]] {
    var sections: [String: [SettingName: Setting<Secret>]] = [:]
    var section: String?
    // Character by character "\r\n" is one, and is a line's end too.
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      func fault(_ problem: String) -> CloudConfigurationError {
        .syntax(path: path, line: index + 1, problem: problem)
      }
      let content = line.drop { $0 == "\u{FEFF}" }.trimmed
      if content.isEmpty || content.hasPrefix("#") || content.hasPrefix(";") { continue }
      if content.hasPrefix("[") {
        guard content.hasSuffix("]") else { throw fault("the section's name is not closed by ']'") }
        section = String(content.dropFirst().dropLast())
        continue
      }
      guard let section else { throw fault("a line before the first section, such as [basic]") }
      guard let separator = content.firstIndex(where: { $0 == "=" || $0 == ":" }) else {
        throw fault("expected a key, '=' and a value")
      }
      let key = content[..<separator].trimmed.lowercased()
      let value = content[content.index(after: separator)...].trimmed
      guard let name = SettingName.credentialsFileKeys[key], !value.isEmpty else { continue }
      guard sections[section]?[name] == nil else { throw fault("\(key) for the second time in [\(section)]") }
      sections[section, default: [:]][name] = try Setting(checking: String(value), from: "\(path): [\(section)] \(key)")
    }
    return sections
  }
}

extension Substring {
  var trimmed: Substring {
    var rest = self
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return rest
  }
}
