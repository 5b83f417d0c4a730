import Foundation

/// nginx, which answers every request about a group with the same group, and notes when it came.
struct StaticServer {
  let endpoint: String
  private let nginx: Program
  private let log: URL

  /// Starts it on a free port of loopback.
  ///
  /// - Parameters:
  ///   - folder: for its configuration, log and temporary files.
  ///   - logsRequests: whether it notes when each request came.
  /// - Returns: the server, which listens.
  /// - Throws: `BenchError` 69 where there is no nginx, or it does not start.
  static func start(in folder: WorkFolder, logsRequests: Bool = true) async throws -> StaticServer {
    let executable = try Bench.tool("nginx", package: "nginx-light")
    let log = folder.url.appendingPathComponent("access.log")
    let port = try LoopbackPort.free()
    try folder.write(
      configuration(port: port, folder: folder.url.path, logsRequests: logsRequests), to: "nginx.conf")
    let nginx = try Program(
      ["-p", folder.url.path, "-c", folder.path("nginx.conf"), "-e", folder.path("error.log")], executable: executable,
      folder: folder.url, name: "nginx")
    let server = StaticServer(endpoint: "http://127.0.0.1:\(port)", nginx: nginx, log: log)
    let limit = ContinuousClock.now + .seconds(5)
    while !LoopbackPort.isOpen(port) {
      guard nginx.isRunning, ContinuousClock.now < limit else {
        try await server.stop()
        // Without a log it has said nothing more.
        let said = (try? String(contentsOfFile: folder.path("error.log"), encoding: .utf8)) ?? ""
        throw BenchError(
          status: BenchError.Status.unavailable,
          message: "\(executable.path) does not listen on \(endpoint(port)): \(said)")
      }
      try await Task.sleep(for: .milliseconds(10))
    }
    return server
  }

  private static func endpoint(_ port: Int) -> String { "127.0.0.1:\(port)" }

  /// Ends it, and waits for that.
  func stop() async throws {
    nginx.send(signal: SIGTERM)
    _ = try await nginx.wait(limit: .seconds(10))
  }

  /// When each request since the last call was seen, in milliseconds since 1970.
  ///
  /// - Throws: what keeps the log from being read, or `BenchError` where a line is no time.
  func takeTimes() throws -> [Int] {
    let text = String(decoding: try Data(contentsOf: log), as: UTF8.self)
    try clearLog()
    return try text.split(separator: "\n").map { try Self.milliseconds($0, log) }
  }

  /// Forgets the requests until now.
  func clearLog() throws {
    // nginx goes on writing at the end, wherever that is.
    let handle = try FileHandle(forWritingTo: log)
    try handle.truncate(atOffset: 0)
    try handle.close()
  }

  /// When the first request since the log was cleared was seen, in milliseconds since 1970; `nil`: none was.
  func firstTime() throws -> Int? {
    let handle = try FileHandle(forReadingFrom: log)
    let data = try handle.read(upToCount: 64) ?? Data()
    try handle.close()
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    return lines.count > 1 ? try Self.milliseconds(lines[0], log) : nil
  }

  private static func milliseconds(_ line: Substring, _ log: URL) throws -> Int {
    guard let seconds = Double(line) else {
      throw BenchError(status: BenchError.Status.unavailable, message: "\(log.path): \(line) is no time")
    }
    return Int((seconds * 1_000).rounded())
  }

  private static func configuration(port: Int, folder: String, logsRequests: Bool) -> String {
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map { "\($0)_temp_path \(folder)/\($0);" }.joined(separator: " ")
    return """
      daemon off;
      master_process off;
      pid \(folder)/nginx.pid;
      events { worker_connections 2048; }
      http {
        log_format time '$msec';
        access_log \(logsRequests ? "\(folder)/access.log time" : "off");
        keepalive_requests 100000000;
        \(temporary)
        server {
          listen 127.0.0.1:\(port) backlog=1024;
          default_type application/json;
          location ~ ^/autoscaling-api/v1/([^/]+)/scaling_group/(\(busyPrefix)[^/]+)$ {
            return 200 '\(group(isScaling: true))';
          }
          location ~ ^/autoscaling-api/v1/([^/]+)/scaling_group/([^/]+)$ {
            if ($request_method = PUT) { return 200 '{"scaling_group_id":"$2"}'; }
            return 200 '\(group(isScaling: false))';
          }
        }
      }

      """
  }

  /// Groups whose ids begin so are always scaling.
  static let busyPrefix = "busy-"

  /// `$2` is the id of the URL.
  private static func group(isScaling: Bool) -> String {
    """
    {"scaling_group":{"scaling_group_name":"static","scaling_group_id":"$2","scaling_group_status":"INSERVICE",\
    "scaling_configuration_id":"53579851-3841-418d-a97b-9cecdb663a90","scaling_configuration_name":"static",\
    "current_instance_number":7,"desire_instance_number":7,"min_instance_number":0,"max_instance_number":100,\
    "cool_down_time":900,"lb_listener_id":null,"available_zones":["eu-de-02","eu-de-01"],\
    "networks":[{"id":"6daa7d5b-6b4c-4b57-8a93-1d6c9c4a2f0e"}],"security_groups":[],\
    "create_time":"2015-09-01T08:36:10Z","vpc_id":"863ccae2-ee85-4d27-bc5b-3ba2a198a9e2","detail":null,\
    "is_scaling":\(isScaling),"health_periodic_audit_method":"NOVA_AUDIT","health_periodic_audit_time":5,\
    "health_periodic_audit_grace_period":600,"instance_terminate_policy":"OLD_CONFIG_OLD_INSTANCE",\
    "notifications":null,"delete_publicip":false,"delete_volume":false,"enterprise_project_id":"0",\
    "multi_az_priority_policy":"EQUILIBRIUM_DISTRIBUTE"}}
    """
  }
}
