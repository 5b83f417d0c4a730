import AutoScalingClient
import Testing

@Suite struct ProxySettingsTests {
  private static let http = "http://as.example.com"
  private static let https = "https://as.example.com"

  private func proxy(_ environment: [String: String], for endpoint: String) throws -> String? {
    try ProxySettings(environment).proxy(for: ServiceEndpoint(endpoint)).map { "\($0) of \($0.variable)" }
  }

  @Test(
    arguments: [
      ([:], https, nil),
      (["HTTPS_PROXY": "http://p:1"], https, "p:1 of HTTPS_PROXY"), (["HTTPS_PROXY": "http://p:1"], http, nil),
      (["https_proxy": "http://q:2", "HTTPS_PROXY": "http://p:1"], https, "q:2 of https_proxy"),
      (["https_proxy": "", "HTTPS_PROXY": "http://p:1"], https, "p:1 of HTTPS_PROXY"),
      (["http_proxy": "http://p:1"], http, "p:1 of http_proxy"), (["http_proxy": "http://p:1"], https, nil),
      // What a web server makes of a request's header "Proxy".
      (["HTTP_PROXY": "http://p:1"], http, nil), (["HTTP_PROXY": "http://p:1"], https, nil),
      (["ALL_PROXY": "http://a:3"], http, "a:3 of ALL_PROXY"), (["all_proxy": "http://a:3"], https, "a:3 of all_proxy"),
      (["ALL_PROXY": "http://a:3", "HTTPS_PROXY": "http://p:1"], https, "p:1 of HTTPS_PROXY"),
      (["ALL_PROXY": "http://a:3", "HTTP_PROXY": "http://p:1"], http, "a:3 of ALL_PROXY"),
      (["HTTPS_PROXY": "http://p:1", "NO_PROXY": "example.com"], https, nil),
      (["HTTPS_PROXY": "http://p:1", "no_proxy": "example.org", "NO_PROXY": "*"], https, "p:1 of HTTPS_PROXY"),
      (["HTTPS_PROXY": "http://p:1", "no_proxy": "", "NO_PROXY": "*"], https, nil),
    ] as [([String: String], String, String?)])
  func `the variables are read as curl reads them`(
    _ environment: [String: String], _ endpoint: String, _ expected: String?
  ) throws {
    #expect(try proxy(environment, for: endpoint) == expected)
  }

  @Test(arguments: ["127.0.0.1:8080", "localhost", "[::1]:8080", "127.9.8.7"])
  func `this machine is never reached through a proxy`(_ host: String) throws {
    let environment = ["https_proxy": "http://p:1", "http_proxy": "http://p:1", "ALL_PROXY": "not used"]
    #expect(try proxy(environment, for: "https://\(host)") == nil)
    #expect(try proxy(environment, for: "http://\(host)") == nil)
  }

  // MARK: NO_PROXY

  @Test(
    arguments: [
      ("*", "https://as.example.com", true), ("example.org, *", "https://as.example.com", true),
      ("example.com", "https://example.com", true), ("example.com", "https://as.example.com", true),
      ("example.com", "https://notexample.com", false), ("example.com", "https://example.com.evil.org", false),
      (".example.com", "https://as.example.com", true), (".example.com", "https://example.com", true),
      ("*.example.com", "https://as.example.com", true), ("EXAMPLE.com", "https://as.Example.COM", true),
      ("example.com.", "https://as.example.com", true), ("example.com", "https://as.example.com.", true),
      ("example.org,example.com", "https://as.example.com", true),
      ("example.org example.com", "https://as.example.com", true),
      (" , ,example.com,", "https://as.example.com", true),
      ("as.example.com:443", "https://as.example.com", true), ("as.example.com:8443", "https://as.example.com", false),
      ("example.com:8443", "https://as.example.com:8443", true), ("example.com:80", "http://as.example.com", true),
      ("example.com:x", "https://as.example.com", false),
      ("10.1.2.3", "https://10.1.2.3", true), ("10.1.2.3", "https://10.1.2.4", false),
      ("10.1.2.3:8443", "https://10.1.2.3:8443", true), ("10.1.2.3:8443", "https://10.1.2.3", false),
      ("10.0.0.0/8", "https://10.255.2.3", true), ("10.0.0.0/8", "https://11.0.0.1", false),
      ("10.32.0.0/11", "https://10.63.255.255", true), ("10.32.0.0/11", "https://10.64.0.0", false),
      ("0.0.0.0/0", "https://10.1.2.3", true), ("10.1.2.3/32", "https://10.1.2.3", true),
      ("10.0.0.0/33", "https://10.0.0.0", false), ("10.0.0.0/x", "https://10.0.0.0", false),
      ("10.0.0.0/8", "https://as.10.example.com", false), ("1.2.3", "https://0.1.2.3", false),
      ("2.3.4", "https://1.2.3.4", false),
      ("fd00::1", "https://[fd00:0:0::1]", true), ("[fd00::1]", "https://[fd00::1]", true),
      ("[fd00::1]:8443", "https://[fd00::1]:8443", true), ("[fd00::1]:8443", "https://[fd00::1]", false),
      ("fd00::/8", "https://[fdff::1]", true), ("fd00::/8", "https://[fe00::1]", false),
      ("::/0", "https://10.1.2.3", false), ("", "https://as.example.com", false),
    ])
  func `hosts of NO_PROXY are reached directly`(_ noProxy: String, _ endpoint: String, _ isDirect: Bool) throws {
    let environment = ["ALL_PROXY": "http://p:1", "NO_PROXY": noProxy]
    #expect(try (proxy(environment, for: endpoint) == nil) == isDirect)
  }

  // MARK: The proxy's address

  @Test(arguments: [
    ("http://proxy.example.com:3128", "proxy.example.com:3128"),
    ("HTTP://Proxy.Example.com:80/", "proxy.example.com:80"),
    ("proxy:3128", "proxy:3128"), ("10.1.2.3:8080", "10.1.2.3:8080"), ("http://[fd00::1]:3128", "[fd00::1]:3128"),
    ("http://ada:h1dden@proxy:3128", "proxy:3128"), ("ada:h1dden@proxy:3128", "proxy:3128"),
    ("http://ada@proxy:3128", "proxy:3128"), ("http://ada:h1d%40den%2F@proxy:3128", "proxy:3128"),
  ])
  func `a proxy is read, and shown without its password`(_ text: String, _ shown: String) throws {
    let proxy = try #require(try ProxySettings(["HTTPS_PROXY": text]).proxy(for: ServiceEndpoint(Self.https)))
    #expect("\(proxy)" == shown)
    var dump = ""
    Swift.dump(proxy, to: &dump)
    Swift.dump(ProxySettings(["HTTPS_PROXY": text]), to: &dump)
    #expect(!("\(proxy) \(String(reflecting: proxy)) \(ProxySettings(["HTTPS_PROXY": text])) " + dump).contains("h1d"))
  }

  @Test(arguments: [
    ("socks5://h1dden:h1dden@proxy:1080", "SOCKS is not supported"), ("socks5h://proxy:1080", "SOCKS is not supported"),
    ("https://h1dden:h1dden@proxy:3128", "with TLS is not supported: name it with http://HOST:PORT"),
    ("ftp://h1dden:h1dden@proxy:3128", "it must be http://HOST:PORT"), ("http://proxy", "it has no port"),
    ("http://h1dden:h1dden@proxy", "it has no port"), ("http://", "it has no host"), ("http://:3128", "it has no host"),
    ("http://proxy:0", "the port must be 1 to 65535"), ("http://proxy:65536", "the port must be 1 to 65535"),
    ("http://proxy:3128/path", "and no more"), ("http://proxy:3128?x", "and no more"),
    ("http://ada:h1/dden@proxy:3128", "must be percent-encoded"), ("http://ada:h1#dden@proxy:3128", "percent-encoded"),
    ("http://ada:h1%dden@proxy:3128", "is not percent-encoded UTF-8"), ("http://ada:h1dden%ff@proxy:3128", "UTF-8"),
    ("http://a%3Ada:h1dden@proxy:3128", "has a colon"), ("http://ada:h1dden%0A@proxy:3128", "control characters"),
    ("http://a b:3128", "the host has characters that no host has"), ("true", "it has no port"),
  ])
  func `a proxy that cannot be used is refused with the variable's name, and its value is not repeated`(
    _ text: String, _ words: String
  ) throws {
    let settings = ProxySettings(["HTTPS_PROXY": text])
    let error = try #require(throws: ServiceConfigurationError.self) {
      try settings.proxy(for: ServiceEndpoint(Self.https))
    }
    let message = error.description
    #expect(message.hasPrefix("the proxy of the environment variable HTTPS_PROXY cannot be used: "))
    #expect(message.contains(words))
    #expect(!message.contains("h1"))
    // No client is made with it, and who does not need it is not held up by it.
    let wallClock = { @Sendable in fixedNow }
    let unusable = ServiceClientOptions(endpoint: Self.https, proxies: settings, wallClock: wallClock)
    #expect(throws: error) { try ServiceClient(options: unusable, authorizer: NoAuthorizer()) }
    let unneeded = ServiceClientOptions(endpoint: "https://localhost", proxies: settings, wallClock: wallClock)
    try ServiceClient(options: unneeded, authorizer: NoAuthorizer()).shutdown()
  }
}
