import AutoScaling
import AutoScalingSimulator
import Foundation
import JSONText
import TestSupport
import Testing

/// The executable against the simulator behind a real TLS server.
@Suite(.enabled(if: NginxServer.isInstalled)) struct TLSRunTests {
  private static let authority = TestCertificates.path("authority")
  /// Where Debian has the system's authorities.
  private static let systemAuthorities = "/etc/ssl/certs/ca-certificates.crt"

  /// A stage with a plan of two groups, and nginx before its simulator.
  private func withStage(
    certificate: String, _ body: (_ stage: Stage, _ endpoint: String) async throws -> Void
  ) async throws {
    try await Stage.with { stage in
      try stage.addTwoGroupPlan()
      let front = NginxSite(
        certificate: certificate, directives: "location / { proxy_pass \(stage.server.endpoint); }")
      try await NginxServer.with([front]) { nginx in
        try await body(stage, "https://localhost:\(nginx.ports[0])")
      }
    }
  }

  /// A run that does not wait for 10 seconds, as it would, before it says that it cannot begin.
  private func running(_ endpoint: String, _ more: String...) -> [String] {
    ["run", "plan.csv", "--yes", "--endpoint", endpoint, "--wait-endpoint", "1s"] + Stage.quick + more
  }

  private func expectDone(_ result: FleetplanProcess.Result, _ stage: Stage) {
    #expect(result.ending == .exit(0), "\(result.errors)")
    for group in ["g-1", "g-2"] { #expect(stage.value(group, .coolDownTime) == .integer(60)) }
    #expect(stage.puts.count == 2)
  }

  @Test(arguments: ["OS_CACERT", "--ca-file"])
  func `a run goes over TLS, with the authority that is named`(_ source: String) async throws {
    try await withStage(certificate: "chain") { stage, endpoint in
      let isFlag = source.hasPrefix("--")
      let result = try await stage.fleetplan(
        running(endpoint) + (isFlag ? [source, Self.authority] : []),
        environment: isFlag ? [:] : [source: Self.authority])
      expectDone(result, stage)
    }
  }

  @Test(arguments: [
    (
      "server", "other-authority",
      "its certificate is signed by \"Fleetplan Test Authority\", which is not vouched for by the certificates in "
    ), ("expired", "authority", "its certificate expired on 2025-02-01 00:00 UTC, and it is "),
    ("other-host", "authority", "its certificate is for as.example.com, *.as.example.com, and not for localhost"),
    ("self-signed", "authority", "its certificate for \"server of its own\" is self-signed and not vouched for by "),
  ])
  func `69: a certificate that is not accepted is explained, and nothing is sent`(
    _ certificate: String, _ authority: String, _ words: String
  ) async throws {
    try await withStage(certificate: certificate) { stage, endpoint in
      let environment = ["OS_CACERT": TestCertificates.path(authority)]
      let explanation = "no TLS connection to \(endpoint.dropFirst("https://".count)): \(words)"
      let result = try await stage.fleetplan(running(endpoint, "--json"), environment: environment)
      #expect(result.ending == .exit(69))
      #expect(result.errors.contains(explanation), "\(result.errors)")
      #expect(try result.json()["stop_reason"]?.stringValue == "never_connected")
      #expect(try result.json().count("unfinished") == 2)
      #expect(stage.journal.isEmpty)
    }
  }

  @Test func `69: who looks is told the same, and with the right authority it goes on`() async throws {
    try await withStage(certificate: "server") { stage, endpoint in
      #expect(try await stage.fleetplan(running(endpoint)).ending == .exit(69))
      let preview = try await stage.fleetplan("preview", "--plan", "1", "--endpoint", endpoint)
      #expect(preview.ending == .exit(69))
      #expect(preview.errors.contains("its certificate is signed by \"Fleetplan Test Authority\""), "\(preview.errors)")
      #expect(stage.journal.isEmpty)
      expectDone(try await stage.fleetplan("resume", "--yes", "--ca-file", Self.authority), stage)
    }
  }

  @Test(arguments: [
    ("nowhere.pem", "No such file or directory"), (".", "it is a directory"),
    ("plan.csv", "it has no certificates in PEM form"),
  ])
  func `78: a CA file that cannot be used is named, with the reason`(_ file: String, _ reason: String) async throws {
    try await Stage.with { stage in
      try stage.addTwoGroupPlan()
      let path = stage.folder.path(file)
      let result = try await stage.fleetplan(running("https://localhost"), environment: ["OS_CACERT": path])
      #expect(result.ending == .exit(78))
      #expect(result.errors.contains("the CA file \(path) cannot be used: \(reason)"), "\(result.errors)")
    }
  }

  // MARK: The system's authorities

  /// Runs the program where these mounts are made, for it alone.
  private func run(_ arguments: [String], on stage: Stage, with mount: String) async throws -> FleetplanProcess.Result {
    let script = "exec unshare --mount bash -c 'mount \(mount) && exec \"$@\"' bash \"$@\""
    return try await stage.start(arguments, script: script).wait()
  }

  @Test(
    .enabled(if: MountedFolder.isPermitted), .enabled(if: FileManager.default.fileExists(atPath: systemAuthorities)))
  func `without a CA file the system's authorities are trusted, and no others`() async throws {
    try await withStage(certificate: "chain") { stage, endpoint in
      let alone = try await stage.fleetplan(running(endpoint))
      #expect(alone.ending == .exit(69))
      #expect(alone.errors.contains("which is not vouched for by this system's certificate authorities: "))
      #expect(stage.journal.isEmpty)
      let resumed = try await run(
        ["resume", "--yes"], on: stage, with: "--bind \(Self.authority) \(Self.systemAuthorities)")
      expectDone(resumed, stage)
    }
  }

  @Test(
    .enabled(if: MountedFolder.isPermitted), .enabled(if: FileManager.default.fileExists(atPath: systemAuthorities)))
  func `69: a system without authorities is called that`() async throws {
    try await withStage(certificate: "server") { stage, endpoint in
      let result = try await run(running(endpoint), on: stage, with: "-t tmpfs tmpfs /etc/ssl")
      #expect(result.ending == .exit(69))
      #expect(
        result.errors.contains("this system has no certificate authorities (Debian: package ca-certificates)"),
        "\(result.errors)")
    }
  }
}
