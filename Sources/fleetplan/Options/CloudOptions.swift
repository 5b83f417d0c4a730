import ArgumentParser
import CloudConfiguration
import Signing

/// How the service is reached (contract, section 3, "Cloud").
struct CloudOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("A cloud of clouds.yaml. Default: OS_CLOUD, if set.", valueName: "name"))
  var cloud: String?

  @Option(
    help: ArgumentHelp(
      """
      The Auto Scaling endpoint, without /autoscaling-api. Default: that of the configured cloud, of the token's \
      catalogue, or of the region.
      """, valueName: "url"))
  var endpoint: String?

  @Option(
    help: """
      How requests prove who sends them. auto: what the environment or the chosen cloud has, a token (OS_TOKEN), an \
      access key (OS_ACCESS_KEY, OS_SECRET_KEY) or a password (OS_AUTH_URL, OS_USERNAME, OS_PASSWORD, \
      OS_USER_DOMAIN_NAME); else none.
      """)
  var auth = AuthenticationChoice.auto

  @Option(
    help: """
      The form of AK/SK signatures: credential (Open Telekom Cloud), access (Huawei Cloud), or auto: access for \
      myhuaweicloud hosts, credential for others.
      """)
  var signing = SigningChoice.auto

  @Option(
    help: ArgumentHelp(
      "PEM file of certificate authorities. Default: OS_CACERT, the cloud's cacert, else the system's.",
      valueName: "path"),
    completion: .file())
  var caFile: String?

  @Flag(help: "Allow plain HTTP to hosts other than this machine.")
  var allowHttp = false

  /// What was given and is not kept with a run, with a space before each word. The endpoint is kept; it is repeated only
  /// where variables or a cloud would name another one.
  func repeatedFlags(_ context: CommandContext) -> String {
    let namesCloud = ["OS_CLOUD", "OS_AUTH_URL", "HUAWEICLOUD_SDK_IAM_ENDPOINT", "HW_AUTH_URL"]
      .contains { !context.environment[$0, default: ""].isEmpty }
    var flags = endpoint.flatMap { cloud != nil || namesCloud ? " --endpoint " + ShellWord.quote($0) : nil } ?? ""
    flags += cloud.map { " --cloud " + ShellWord.quote($0) } ?? ""
    if auth != .auto { flags += " --auth \(auth.rawValue)" }
    if signing != .auto { flags += " --signing \(signing.rawValue)" }
    if let caFile { flags += " --ca-file " + ShellWord.quote(caFile) }
    return flags + (allowHttp ? " --allow-http" : "")
  }

  enum SigningChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, access, credential

    /// `nil`: by each request's host.
    var form: SigningForm? {
      switch self {
      case .auto: nil
      case .access: .access
      case .credential: .openTelekomCloud
      }
    }
  }
}

extension AuthenticationChoice: ExpressibleByArgument {}
