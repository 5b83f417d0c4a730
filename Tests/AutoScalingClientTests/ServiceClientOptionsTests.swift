import AutoScalingClient
import TestSupport
import Testing

@Suite struct ServiceClientOptionsTests {
  private func options(_ endpoint: String?) -> ServiceClientOptions {
    ServiceClientOptions(endpoint: endpoint, wallClock: { fixedNow })
  }

  @Test(arguments: [
    ("https://as.eu-de.otc.t-systems.com", "https://as.eu-de.otc.t-systems.com"),
    ("https://as.eu-de.otc.t-systems.com/", "https://as.eu-de.otc.t-systems.com"),
    ("HTTPS://AS.Example.com:443/", "https://as.example.com"),
    ("https://as.example.com:8443", "https://as.example.com:8443"),
    ("http://127.0.0.1:8080", "http://127.0.0.1:8080"), ("http://localhost:80", "http://localhost"),
    ("http://[::1]:8080", "http://[::1]:8080"), ("http://127.9.8.7", "http://127.9.8.7"),
    ("https://proxy.example.com/as/", "https://proxy.example.com/as"),
  ])
  func `an endpoint is read and shown in one form`(_ text: String, _ shown: String) throws {
    #expect(try options(text).serviceEndpoint(ofProject: "p").description == shown)
  }

  @Test(arguments: [
    "", "as.example.com", "ftp://as.example.com", "https://", "https://:443", "https://a b", "https://as.example.com:0",
    "https://as.example.com:65536", "https://as.example.com:+1", "https://as.example.com:x",
    "https://as.example.com?x=1",
    "https://as.example.com#f", "https://[::1", "https://[::1]x", "https://[]", "https://as.example.com/a b",
    "https://as.example.com/autoscaling-api/v1/p", "https://user:h1dden@as.example.com",
  ])
  func `what is no endpoint is refused with the reason`(_ text: String) {
    let error = #expect(throws: ServiceConfigurationError.self) { try options(text).serviceEndpoint(ofProject: "p") }
    guard case .invalidEndpoint(_, let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(!reason.isEmpty)
    #expect(error?.description.contains("h1dden") == false)
  }

  @Test(arguments: [
    "http://as.example.com", "http://10.0.0.1", "http://127.0.0.1.example.com", "http://1270.0.0.1", "http://[::2]",
  ])
  func `plain HTTP to another machine needs permission`(_ text: String) throws {
    #expect(throws: ServiceConfigurationError.plainHTTP(endpoint: text)) {
      try options(text).serviceEndpoint(ofProject: "p")
    }
    var permitted = options(text)
    permitted.allowsHTTP = true
    #expect(try permitted.serviceEndpoint(ofProject: "p").description == text)
  }

  @Test func `a client is not made with an endpoint that it could not use`() {
    var bad = options("https://as.example.com")
    bad.endpoints = ["p": "http://as.example.com"]
    #expect(throws: ServiceConfigurationError.plainHTTP(endpoint: "http://as.example.com")) {
      try ServiceClient(options: bad, authorizer: NoAuthorizer())
    }
    #expect(throws: ServiceConfigurationError.plainHTTP(endpoint: "http://as.example.com")) {
      try ReadOnlyServiceClient(options: bad, authorizer: NoAuthorizer())
    }
  }

  @Test func `a project without an endpoint is named`() throws {
    var some = options(nil)
    some.endpoints = ["p": "https://as.example.com"]
    #expect(try some.serviceEndpoint(ofProject: "p").host == "as.example.com")
    #expect(throws: ServiceConfigurationError.noEndpoint(projectID: "q")) { try some.serviceEndpoint(ofProject: "q") }
  }

  @Test(arguments: [
    ("/nonexistent/ca.pem", "No such file or directory"), (#filePath, "it has no certificates in PEM form"),
    (TestCertificates.key, "it has no certificates in PEM form"), ("/", "it is a directory"),
    ("", "No such file or directory"),
  ])
  func `a CA file without certificates is refused with the reason`(_ path: String, _ words: String) {
    var bad = options("https://as.example.com")
    bad.caFile = path
    let error = #expect(throws: ServiceConfigurationError.self) {
      try ServiceClient(options: bad, authorizer: NoAuthorizer())
    }
    guard case .unusableCAFile(path, let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.hasPrefix(words))
  }
}
