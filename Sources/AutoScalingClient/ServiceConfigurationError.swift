/// Why a client cannot be made from its options.
package enum ServiceConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The endpoint is no URL of a service.
  case invalidEndpoint(String, reason: String)
  /// There is no endpoint for a project, and no default.
  case noEndpoint(projectID: String)
  /// Plain HTTP to a host that is not loopback, without `--allow-http`.
  case plainHTTP(endpoint: String)
  /// The file of `--ca-file` has no certificates.
  case unusableCAFile(path: String, reason: String)
  /// The environment variable of a proxy has no value that could be used. The value is not part of the message.
  case unusableProxy(variable: String, reason: String)
  /// The token cannot be sent in a header. It is not part of the message.
  case unusableToken
  /// A part of the access key cannot be sent in a header. It is not part of the message.
  case unusableAccessKey

  package var description: String {
    switch self {
    case .invalidEndpoint(let endpoint, let reason):
      "the endpoint \(endpoint) cannot be used: \(reason)"
    case .noEndpoint(let projectID):
      "project \(projectID) has no endpoint: give one with --endpoint"
    case .plainHTTP(let endpoint):
      "the endpoint \(endpoint) is plain HTTP, which would show tokens and plans to the network: use https, or --allow-http"
    case .unusableCAFile(let path, let reason):
      "the CA file \(path) cannot be used: \(reason); --ca-file takes certificates in PEM form"
    case .unusableProxy(let variable, let reason):
      "the proxy of the environment variable \(variable) cannot be used: \(reason)"
    case .unusableAccessKey:
      "the access key is empty or has characters that an HTTP header cannot carry (white space, control or non-ASCII "
        + "characters): copy OS_ACCESS_KEY and OS_SECRET_KEY anew"
    case .unusableToken:
      "the token is empty or has characters that an HTTP header cannot carry (white space, control or non-ASCII "
        + "characters): copy OS_TOKEN anew"
    }
  }
}
