import CloudConfiguration

/// A machine of its own: its variables and files are a test's, its home is `/home/ada`, and it works in `/work/plans`.
struct TestEnvironment {
  static let userFile = "/home/ada/.config/openstack/clouds.yaml"
  static let secureFile = "/home/ada/.config/openstack/secure.yaml"

  var variables: [String: String] = [:]
  var files: [String: String] = [:]

  var environment: CloudEnvironment {
    let files = files
    return CloudEnvironment(
      variables: variables, currentDirectory: "/work/plans", homeDirectory: "/home/ada", reader: { files[$0] })
  }

  func settings(cloud: String? = nil) throws(CloudConfigurationError) -> CloudSettings {
    try CloudSettings.resolve(cloud: cloud, in: environment)
  }

  /// The message that it ends with; empty where it does not fail.
  func message(cloud: String? = nil, auth: AuthenticationChoice = .auto) -> String {
    do throws(CloudConfigurationError) {
      _ = try settings(cloud: cloud).credentials(for: auth)
      return ""
    } catch {
      return error.description
    }
  }
}

/// Everything that a command can say about a value by accident.
func everythingShown(of value: Any) -> String {
  var dumped = ""
  dump(value, to: &dumped)
  return "\(value) \(String(reflecting: value)) \(dumped) \(mirrored(value))"
}

private func mirrored(_ value: Any) -> String {
  let mirror = Mirror(reflecting: value)
  return "\(value)" + mirror.children.map { "\($0.label ?? ""): \(mirrored($0.value))" }.joined(separator: " ")
}
