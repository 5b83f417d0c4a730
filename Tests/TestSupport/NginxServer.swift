import Foundation
import NIOCore
import NIOPosix

/// One server of nginx, on a port of its own.
package struct NginxSite: Sendable {
  /// A certificate of `TestCertificates`, for TLS; `nil` for plain HTTP.
  package var certificate: String?
  /// What is in its `server` block, besides the port and the certificate.
  package var directives: String

  package init(certificate: String? = nil, directives: String = Self.service) {
    self.certificate = certificate
    self.directives = directives
  }

  /// Answers every request about a group with the same group, and every modification with success.
  package static let service = """
    location ~ ^/autoscaling-api/v1/([^/]+)/scaling_group/([^/]+)$ {
      if ($request_method = PUT) { return 200 '{"scaling_group_id":"$2"}'; }
      return 200 '{"scaling_group":{"scaling_group_id":"$2","scaling_group_name":"static",\
    "scaling_group_status":"INSERVICE","cool_down_time":900,"is_scaling":false}}';
    }
    """
}

/// A real nginx on loopback, for one test.
package final class NginxServer: Sendable {
  /// The port of each site, in their order.
  package let ports: [Int]
  private let folder: URL
  private let process: Process

  package struct Failed: Error, CustomStringConvertible {
    package var description: String
  }

  /// Whether nginx is here; says so once where it is not, as the tests are skipped then.
  package static let isInstalled: Bool = {
    if executable != nil { return true }
    print("notice: tests against nginx are skipped: it is not installed (Debian: package nginx-light)")
    return false
  }()

  /// Where Debian and others have it, besides `PATH`.
  private static let executable: URL? = {
    let path = ProcessInfo.processInfo.environment["PATH", default: ""].split(separator: ":").map(String.init)
    return (path + ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"])
      .map { URL(fileURLWithPath: $0).appendingPathComponent("nginx") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }()

  private static let loopback = "127.0.0.1"
  private static let limit = Duration.seconds(10)

  /// Runs a body with nginx, and ends it whatever happens.
  ///
  /// - Parameters:
  ///   - sites: the servers.
  ///   - body: what is done while it runs.
  /// - Returns: what the body does.
  /// - Throws: what the body throws; `Failed` where nginx does not start.
  package static func with<Result>(
    _ sites: [NginxSite], _ body: (NginxServer) async throws -> Result
  ) async throws -> Result {
    let server = try await start(sites)
    do {
      let result = try await body(server)
      try await server.stop()
      return result
    } catch {
      try await server.stop()
      throw error
    }
  }

  private static func start(_ sites: [NginxSite]) async throws -> NginxServer {
    // A port that was free may be taken by another test in between.
    for _ in 0..<5 {
      let server = try NginxServer(sites, ports: await freePorts(sites.count))
      if try await server.listens() { return server }
      let said = try String(contentsOf: server.errorLog, encoding: .utf8)
      try await server.stop()
      guard said.contains("Address already in use") else { throw Failed(description: "nginx does not start: \(said)") }
    }
    throw Failed(description: "nginx has found no free port")
  }

  private init(_ sites: [NginxSite], ports: [Int]) throws {
    self.ports = ports
    guard let executable = Self.executable else { throw Failed(description: "there is no nginx") }
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("fleetplan-nginx-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appendingPathComponent("nginx.conf")
    try Data(Self.configuration(sites, ports: ports, folder: folder.path).utf8).write(to: file)
    let errorLog = folder.appendingPathComponent("error.log")
    try Data().write(to: errorLog)
    process = Process()
    process.executableURL = executable
    process.arguments = ["-p", folder.path, "-c", file.path, "-e", errorLog.path]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  private var errorLog: URL { folder.appendingPathComponent("error.log") }

  /// - Returns: `false` where it has ended.
  private func listens() async throws -> Bool {
    for port in ports {
      try await Self.wait(for: "nginx to listen") {
        if !self.process.isRunning { return true }
        return try await Self.isOpen(port)
      }
    }
    return process.isRunning
  }

  private func stop() async throws {
    // It has inherited this thread's blocked signals: no other one would reach it.
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    try await Self.wait(for: "nginx to end") { !self.process.isRunning }
    try FileManager.default.removeItem(at: folder)
  }

  /// The requests that a site has answered, as method and path; waits until there are that many. What is no HTTP is not among them.
  ///
  /// - Parameters:
  ///   - site: its index.
  ///   - count: how many there have to be at least: nginx notes them after the answer.
  /// - Returns: all of them, in order.
  /// - Throws: `Failed` where there are too few after some seconds.
  package func requests(site: Int = 0, atLeast count: Int = 0) async throws -> [String] {
    let log = folder.appendingPathComponent("access-\(site).log")
    func lines() throws -> [String] {
      try String(contentsOf: log, encoding: .utf8).split(separator: "\n").map(String.init)
        .filter { $0.contains(" /") }
    }
    try await Self.wait(for: "\(count) requests in nginx's log") { try lines().count >= count }
    return try lines()
  }

  private static func wait(for what: String, until condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + limit
    while try await !condition() {
      guard ContinuousClock.now < end else { throw Failed(description: "waited in vain for \(what)") }
      // Another process has nothing that could call us.
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  private static func isOpen(_ port: Int) async throws -> Bool {
    do {
      let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .connect(host: loopback, port: port).get()
      try await channel.close().get()
      return true
    } catch is NIOConnectionError {
      return false
    } catch let error as IOError where error.errnoCode == ECONNREFUSED {
      return false
    }
  }

  private static func freePorts(_ count: Int) async throws -> [Int] {
    var channels: [any Channel] = []
    for _ in 0..<count {
      let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      channels.append(try await bootstrap.bind(host: loopback, port: 0).get())
    }
    let ports = channels.compactMap { $0.localAddress?.port }
    for channel in channels { try await channel.close().get() }
    return ports
  }

  private static func configuration(_ sites: [NginxSite], ports: [Int], folder: String) -> String {
    let servers = zip(sites, ports).enumerated().map { index, server in
      let (site, port) = server
      let tls = site.certificate.map { name in
        """
        ssl_certificate \(TestCertificates.path(name));
        ssl_certificate_key \(TestCertificates.key);
        """
      }
      return """
        server {
          listen \(loopback):\(port)\(tls == nil ? "" : " ssl");
          \(tls ?? "")
          access_log \(folder)/access-\(index).log seen;
          default_type application/json;
          \(site.directives)
        }
        """
    }
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map { "\($0)_temp_path \(folder)/\($0);" }.joined(separator: " ")
    return """
      daemon off;
      master_process off;
      pid \(folder)/nginx.pid;
      events { worker_connections 256; }
      http {
        log_format seen '$request_method $request_uri';
        \(temporary)
        \(servers.joined(separator: "\n"))
      }

      """
  }
}
