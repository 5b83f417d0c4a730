import JSONText

/// An HTTP request as the simulator's core sees it.
package struct SimulatedRequest: Sendable {
  package var method: String
  /// Path and query as they were sent.
  package var target: String
  /// `Host`: the address that the catalog of the token endpoint names.
  package var host: String
  /// `X-Auth-Token`.
  package var token: String?
  /// All headers, names in lower case, `host` included: what a signature covers.
  package var headers: [(name: String, value: String)]
  package var body: [UInt8]
  /// When its head came in, as a time since the start; where it is `nil`, that is when it is handled.
  package var receivedAt: Duration?

  package init(
    method: String, target: String, host: String = "127.0.0.1", token: String? = nil,
    headers: [(name: String, value: String)] = [], body: [UInt8] = [], receivedAt: Duration? = nil
  ) {
    self.method = method
    self.target = target
    self.host = host
    self.token = token
    self.headers = headers
    self.body = body
    self.receivedAt = receivedAt
  }
}

/// An HTTP answer as the simulator's core makes it.
package struct SimulatedResponse: Sendable {
  package var status: Int
  /// Besides `Content-Type`, `Content-Length` and `X-Request-Id`.
  package var headers: [(name: String, value: String)] = []
  package var contentType = "application/json;charset=utf-8"
  package var body: [UInt8] = []

  init(status: Int, body: [UInt8] = []) {
    self.status = status
    self.body = body
  }

  /// Writes a body of JSON.
  init(status: Int = 200, json write: (inout JSONWriter) -> Void) {
    var writer = JSONWriter(capacity: 512)
    write(&writer)
    self.init(status: status, body: writer.bytes)
  }

  init(html body: String, status: Int) {
    self.init(status: status, body: Array(body.utf8))
    contentType = "text/html"
  }

  /// The body of the AS service's refusals (the reference, section 6.1).
  init(_ error: ServiceError) {
    self.init(status: error.status) { writer in
      writer.beginObject()
      writer.key("error")
      writer.beginObject()
      writer.member("code", error.code)
      writer.member("message", error.message)
      writer.endObject()
      writer.endObject()
    }
  }

  /// The body of the API gateway's refusals (the reference, section 6.1).
  static func gateway(status: Int, code: String, message: String, requestID: String) -> SimulatedResponse {
    SimulatedResponse(status: status) { writer in
      writer.beginObject()
      writer.member("error_code", code)
      writer.member("error_msg", message)
      writer.member("request_id", requestID)
      writer.endObject()
    }
  }

  /// The identity service's 401.
  static func unauthorized(_ message: String) -> SimulatedResponse {
    identity(status: 401, title: "Unauthorized", message: message)
  }

  /// The body of the identity service's refusals, whose code is a number (the reference, section 6.1).
  static func identity(status: Int, title: String, message: String) -> SimulatedResponse {
    SimulatedResponse(status: status) { writer in
      writer.beginObject()
      writer.key("error")
      writer.beginObject()
      writer.member("code", status)
      writer.member("message", message)
      writer.member("title", title)
      writer.endObject()
      writer.endObject()
    }
  }
}

/// What becomes of a request: an answer or none, and when.
package struct SimulatedAnswer: Sendable {
  /// How the answer goes over the connection.
  package enum Delivery: String, Sendable {
    case whole
    /// The head promises the whole body, half of it follows, then the connection is closed.
    case truncated
    /// The connection is closed without an answer.
    case closed
    /// The connection is reset without an answer.
    case reset
  }

  package var response: SimulatedResponse
  package var delivery: Delivery
  /// From the receipt of the request to the answer.
  package var delay: Duration
  /// The request's number in the journal, from 1.
  package var sequence: Int
  /// `X-Request-Id`.
  package var requestID: String
}
