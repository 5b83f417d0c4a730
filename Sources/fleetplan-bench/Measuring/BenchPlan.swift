import Foundation

/// The plan that everything is measured with: a change for each of many groups, of all that a fleet change
/// usually names. Written in one go through a small buffer, so that this process stays small.
struct BenchPlan {
  enum Format: String, CaseIterable, Sendable {
    case csv
    case jsonl
    case json
  }

  static let project = "0f3a6bd2c1de4a55b0c6a1f2d3e4f506"

  /// The group of a change, whose number counts from 1.
  static func groupID(_ number: Int) -> String { "5c0de000-0000-4000-8000-" + padded(number, 12) }

  /// What a change sets: nothing of it is what the static group has, so all of it is sent.
  static func body(_ number: Int) -> String {
    "{\"scaling_group_name\":\"group-\(padded(number, 7))\",\"min_instance_number\":1,"
      + "\"desire_instance_number\":\(desired(number)),\"max_instance_number\":200,\"cool_down_time\":300}"
  }

  private static func desired(_ number: Int) -> Int { 10 + number % 80 }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(width - digits.count, 0)) + digits
  }

  /// A change in a format, with what parts it from the next one.
  static func change(_ number: Int, _ format: Format, isLast: Bool = false) -> String {
    switch format {
    case .csv:
      "\(project),\(groupID(number)),group-\(padded(number, 7)),1,\(desired(number)),200,300\n"
    case .jsonl, .json:
      "{\"project_id\":\"\(project)\",\"scaling_group_id\":\"\(groupID(number))\"," + body(number).dropFirst()
        + (format == .jsonl || isLast ? "\n" : ",\n")
    }
  }

  /// What stands before and after the changes.
  static func frame(_ format: Format) -> (head: String, tail: String) {
    switch format {
    case .csv:
      (
        "project_id,scaling_group_id,scaling_group_name,min_instance_number,desire_instance_number,"
          + "max_instance_number,cool_down_time\n", ""
      )
    case .jsonl: ("", "")
    case .json: ("{\"name\":\"bench\",\"changes\":[\n", "]}\n")
    }
  }

  /// Writes the whole plan.
  ///
  /// - Parameters:
  ///   - rows: how many changes.
  ///   - format: how they are written.
  ///   - file: is made, or replaced.
  /// - Throws: what keeps it from being written.
  static func write(rows: Int, _ format: Format, to file: String) throws {
    let frame = frame(format)
    try write(to: file) { put in
      try put(frame.head)
      for number in 1...rows { try put(change(number, format, isLast: number == rows)) }
      try put(frame.tail)
    }
  }

  /// A plan for groups that the static server shows scaling, of a field that has to wait for that.
  static func writeBusy(rows: Int, to file: String) throws {
    try write(to: file) { put in
      try put("project_id,scaling_group_id,available_zones\n")
      for number in 1...rows { try put("\(project),\(StaticServer.busyPrefix)\(number),eu-de-03\n") }
    }
  }

  /// The same requests for curl: for each change a GET and a PUT.
  static func writeCurl(rows: Int, endpoint: String, to file: String) throws {
    try write(to: file) { put in
      for number in 1...rows {
        let url = "url = \"\(url(number, endpoint: endpoint))\"\noutput = \"/dev/null\"\n"
        let body = body(number).replacing("\"", with: "\\\"")
        try put(
          "\(url)next\nrequest = \"PUT\"\nheader = \"Content-Type: application/json\"\ndata = \"\(body)\"\n\(url)")
        if number < rows { try put("next\n") }
      }
    }
  }

  static func url(_ number: Int, endpoint: String) -> String {
    "\(endpoint)/autoscaling-api/v1/\(project)/scaling_group/\(groupID(number))"
  }

  private static func write(to file: String, _ body: ((String) throws -> Void) throws -> Void) throws {
    try Data().write(to: URL(fileURLWithPath: file))
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
    defer { try? handle.close() }  // What was written has been handed over; a failed write has thrown.
    var buffer = Data(capacity: 1 << 18)
    try body { text in
      buffer.append(contentsOf: text.utf8)
      guard buffer.count >= (1 << 18) - 1_024 else { return }
      try handle.write(contentsOf: buffer)
      buffer.removeAll(keepingCapacity: true)
    }
    try handle.write(contentsOf: buffer)
  }
}
