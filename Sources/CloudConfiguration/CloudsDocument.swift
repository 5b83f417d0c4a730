import Yams

/// The `clouds` of one `clouds.yaml` or `secure.yaml`.
///
/// Scalars are taken as they are written: a password `0123` keeps its zero, and a region `no` is no truth value.
struct CloudsDocument {
  let path: String
  private let clouds: Node.Mapping?

  /// - Parameters:
  ///   - path: of the file, for messages.
  ///   - text: what it contains; an empty file has no clouds.
  /// - Throws: `syntax` or `wrongKind`.
  init(path: String, text: String) throws(CloudConfigurationError) {
    self.path = path
    // libyaml takes a byte order mark for a character when it is told that the text is UTF-8.
    let yaml = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
    let root: Node?
    do { root = try Yams.compose(yaml: yaml) } catch { throw Self.syntaxError(error, path: path, text: yaml) }
    guard let root, !root.isNull else {
      clouds = nil
      return
    }
    guard case .mapping(let top) = root else {
      throw .wrongKind(path: path, line: root.mark?.line, key: "the file", found: root.kind, expected: "a mapping")
    }
    clouds = try Self.mapping(top.value(of: "clouds"), key: "clouds", path: path)
  }

  /// The names of the clouds, in the file's order.
  var names: [String] { clouds?.compactMap { $0.key.isMerge ? nil : $0.key.scalar?.string } ?? [] }

  func has(cloud: String) -> Bool { clouds?.value(of: cloud, exactly: true) != nil }

  /// The text at a key of a cloud.
  ///
  /// - Parameters:
  ///   - cloud: its name.
  ///   - key: the keys below it, such as `auth` and `password`.
  /// - Returns: `nil` where there is none, or an empty one.
  /// - Throws: `wrongKind` for a list, a mapping, or a tag that says that the text is not meant as it stands.
  func text(cloud: String, key: [String]) throws(CloudConfigurationError) -> Setting<Secret>? {
    guard let (node, name) = try node(cloud: cloud, key: key) else { return nil }
    guard case .scalar(let scalar) = node, Self.plainTags.contains(node.tag.rawValue) else {
      throw .wrongKind(path: path, line: node.mark?.line, key: name, found: node.kind, expected: "a text")
    }
    return scalar.string.isEmpty ? nil : try Setting(checking: scalar.string, from: source(name))
  }

  /// The truth value at a key of a cloud.
  func truth(cloud: String, key: [String]) throws(CloudConfigurationError) -> Setting<Bool>? {
    guard let (node, name) = try node(cloud: cloud, key: key) else { return nil }
    guard case .scalar(let scalar) = node, let value = Truth.value(of: scalar.string) else {
      let found = node.scalar == nil ? node.kind : "something else"
      throw .wrongKind(path: path, line: node.mark?.line, key: name, found: found, expected: "true or false")
    }
    return Setting(value, from: source(name))
  }

  /// The names of the regions of a cloud: texts, or mappings with a `name`.
  func regions(cloud: String) throws(CloudConfigurationError) -> Setting<[String]>? {
    guard let (node, name) = try node(cloud: cloud, key: ["regions"]) else { return nil }
    guard case .sequence(let items) = node else {
      throw .wrongKind(path: path, line: node.mark?.line, key: name, found: node.kind, expected: "a list of regions")
    }
    var regions: [String] = []
    for item in items {
      guard let region = (item.mapping?.value(of: "name") ?? item).scalar?.string, !region.isEmpty else {
        throw .wrongKind(
          path: path, line: item.mark?.line, key: name, found: "a list with \(item.kind)", expected: "a list of names")
      }
      regions.append(region)
    }
    return Setting(regions, from: source(name))
  }

  /// Of texts that mean what they say; `!!binary` and `!vault` do not.
  fileprivate static let plainTags = Set<String>(
    [Tag.Name.str, .int, .float, .bool, .timestamp, .value, .merge].map(\.rawValue))

  /// Other tags that files of clouds have: YAML's own for bytes, and Ansible's for encrypted values.
  fileprivate static let knownTags = [Tag.Name.binary.rawValue: "!!binary", "!vault": "!vault"]

  private func source(_ name: String) -> String { "\(path): \(name)" }

  private func node(
    cloud: String, key: [String]
  ) throws(CloudConfigurationError) -> (node: Node, name: String)? {
    var name = "clouds.\(cloud.safe)"
    var node = clouds?.value(of: cloud, exactly: true)
    for part in key {
      let mapping = try Self.mapping(node, key: name, path: path)
      name += ".\(part)"
      node = mapping?.value(of: part)
    }
    return node.flatMap { $0.isNull ? nil : ($0, name) }
  }

  private static func mapping(
    _ node: Node?, key: String, path: String
  ) throws(CloudConfigurationError) -> Node.Mapping? {
    guard let node, !node.isNull else { return nil }
    guard case .mapping(let mapping) = node else {
      throw .wrongKind(path: path, line: node.mark?.line, key: key, found: node.kind, expected: "a mapping")
    }
    return mapping
  }
}

extension CloudsDocument {
  /// Where and why a text is no YAML. Nothing of the text itself is repeated; Yams' own description would show the line.
  private static func syntaxError(_ error: any Error, path: String, text: String) -> CloudConfigurationError {
    func fault(_ line: Int, _ problem: String) -> CloudConfigurationError {
      .syntax(path: path, line: line, problem: "not valid YAML: \(problem)")
    }

    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      let line = lines.indices.contains(mark.line - 1) ? lines[mark.line - 1] : ""
      if line.prefix(while: \.isWhitespace).contains("\t") {
        return fault(mark.line, "a tab; YAML is indented with spaces")
      }
      return fault(mark.line, problem)
    case .reader(let problem, let offset, _, _):
      return fault(text.prefix(offset ?? 0).count(where: \.isNewline) + 1, problem)
    case .duplicatedKeysInMapping(_, let context):
      return fault(context.mark.line, "this key comes twice in the same mapping")
    default:
      return fault(1, "it cannot be parsed")
    }
  }
}

extension Node {
  /// `~`, `null`, or nothing behind the colon; `''` is no null.
  fileprivate var isNull: Bool { scalar != nil && tag.rawValue == Tag.Name.null.rawValue }

  /// A plain `<<`.
  fileprivate var isMerge: Bool { scalar != nil && tag.rawValue == Tag.Name.merge.rawValue }

  /// What it is, for a message.
  fileprivate var kind: String {
    switch self {
    case .scalar:
      if CloudsDocument.plainTags.contains(tag.rawValue) {
        "a text"
      } else if let known = CloudsDocument.knownTags[tag.rawValue] {
        "a text tagged \(known)"
      } else {
        // It is not repeated: a password that begins with an exclamation mark, and is not quoted, is a tag.
        "a text with a tag (what begins with ! must be in quotation marks)"
      }
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }
}

extension Node.Mapping {
  /// The value of a key: its own, else that of the mappings merged by `<<`, of which the first wins
  /// (yaml.org/type/merge.html).
  ///
  /// - Parameters:
  ///   - key: with `_` between words; the file may have `-` there, as for OpenStack's clients.
  ///   - exactly: whether `-` is not `_`.
  /// - Returns: `nil` where there is no such key.
  fileprivate func value(of key: String, exactly: Bool = false) -> Node? {
    for pair in self {
      guard let name = pair.key.scalar?.string else { continue }
      if name == key || (!exactly && name.split(separator: "-").joined(separator: "_") == key) { return pair.value }
    }
    for pair in self where pair.key.isMerge {
      let merged = pair.value.sequence.map(Array.init) ?? [pair.value]
      for mapping in merged {
        if let value = mapping.mapping?.value(of: key, exactly: exactly) { return value }
      }
    }
    return nil
  }
}
