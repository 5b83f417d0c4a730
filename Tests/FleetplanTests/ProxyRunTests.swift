import AutoScaling
import AutoScalingSimulator
import Foundation
import TestSupport
import Testing

/// The executable behind a proxy, which alone knows an address for the endpoint's name.
@Suite(.enabled(if: NginxServer.isInstalled)) struct ProxyRunTests {
  private static let host = TestCertificates.remoteHost
  private static let password = "a-passw%6Frd-that-must-never-be-written-down"
  private static let marks = [
    "must-never-be-written-down", Data("ada:a-password-that-must".utf8).base64EncodedString(),
  ]

  private func running(_ more: String...) -> [String] {
    ["run", "plan.csv", "--yes", "--endpoint", "https://\(Self.host)", "--wait-endpoint", "1s", "--verbose"]
      + Stage.quick + more
  }

  private func environment(proxyPort: Int, _ more: [String: String] = [:]) -> [String: String] {
    [
      "HTTPS_PROXY": "http://ada:\(Self.password)@127.0.0.1:\(proxyPort)",
      "OS_CACERT": TestCertificates.path("authority"),
    ].merging(more) { $1 }
  }

  /// Nothing of the password is in a file of the stage, the kept streams among them.
  private func expectNoPassword(_ stage: Stage) throws {
    for name in try stage.folder.names {
      let bytes = try stage.folder.bytes(name)
      for mark in Self.marks { #expect(bytes.range(of: Data(mark.utf8)) == nil, "\(name)") }
    }
  }

  @Test func `a run goes through the proxy of HTTPS_PROXY, whose password is written down nowhere`() async throws {
    try await Stage.with { stage in
      try stage.addTwoGroupPlan()
      let front = NginxSite(certificate: "server", directives: "location / { proxy_pass \(stage.server.endpoint); }")
      try await NginxServer.with([front]) { nginx in
        try await ConnectProxy.with(.connects(["\(Self.host):443": nginx.ports[0]])) { proxy in
          let result = try await stage.fleetplan(running(), environment: environment(proxyPort: proxy.port))
          #expect(result.ending == .exit(0), "\(result.errors)")
          for group in ["g-1", "g-2"] { #expect(stage.value(group, .coolDownTime) == .integer(60)) }
          #expect(!proxy.tunnels.isEmpty)
          #expect(proxy.tunnels.allSatisfy { $0.request == "CONNECT \(Self.host):443" })
          #expect(proxy.tunnels.allSatisfy { $0.authorization?.hasPrefix("Basic ") == true })
        }
      }
      try expectNoPassword(stage)
    }
  }

  @Test func `69: a proxy that refuses is named, without its password, and NO_PROXY goes past it`() async throws {
    try await Stage.with { stage in
      try stage.addTwoGroupPlan()
      try await ConnectProxy.with(.answers("407 Proxy Authentication Required")) { proxy in
        let refused = try await stage.fleetplan(running(), environment: environment(proxyPort: proxy.port))
        #expect(refused.ending == .exit(69))
        #expect(
          refused.errors.contains(
            "the proxy 127.0.0.1:\(proxy.port) does not accept the user name and password in HTTPS_PROXY"),
          "\(refused.errors)")
        let tunnels = proxy.tunnels.count
        let direct = try await stage.fleetplan(
          ["resume", "--yes", "--wait-endpoint", "1s"],
          environment: environment(proxyPort: proxy.port, ["NO_PROXY": ".fleetplan.invalid"]))
        #expect(direct.ending == .exit(69))
        #expect(direct.errors.contains("the name of \(Self.host) has no address"), "\(direct.errors)")
        #expect(proxy.tunnels.count == tunnels)
      }
      try expectNoPassword(stage)
      #expect(stage.journal.isEmpty)
    }
  }

  @Test func `78: a proxy that cannot be used is refused with the variable's name`() async throws {
    try await Stage.with { stage in
      try stage.addTwoGroupPlan()
      let result = try await stage.fleetplan(
        running(), environment: ["ALL_PROXY": "socks5://ada:\(Self.password)@127.0.0.1:1080"])
      #expect(result.ending == .exit(78))
      #expect(
        result.errors.contains(
          "the proxy of the environment variable ALL_PROXY cannot be used: SOCKS is not supported"),
        "\(result.errors)")
      try expectNoPassword(stage)
    }
  }
}
