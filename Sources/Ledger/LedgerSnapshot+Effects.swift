import GRDB

/// How many changes have moved a field from one value to another.
package struct FieldTransition: Sendable, Hashable {
  /// The field's name in the API.
  package var field: String
  /// JSON; `null` where the group did not show the field.
  package var prior: String
  /// JSON.
  package var planned: String
  package var count: Int
}

/// By how many instances the changes of a run have moved their groups, as read before each PUT.
package struct InstanceMoves: Sendable, Hashable {
  package var added: Int
  package var removed: Int
  /// How many changes did so; 0 or more.
  package var growing: Int
  package var shrinking: Int
}

/// Attempts that did not succeed, with what they have in common.
package struct AttemptFailures: Sendable, Hashable {
  /// `GET` or `PUT`.
  package var method: String
  /// `refused`, `lost` or `not_sent`.
  package var outcome: String
  package var httpStatus: Int?
  package var errorCode: String?
  package var count: Int
}

/// What the changes of a run that were, or may have been, applied have done.
extension LedgerSnapshot {
  /// Goes through what was changed from what to what: field by field, the most frequent transition first.
  ///
  /// SQLite sorts, beyond its cache in a temporary file: memory does not grow with the run.
  package func forEachTransition(ofRun id: Int, _ body: (FieldTransition) throws -> Void) throws {
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT f.key, coalesce(k.prior -> ('$.' || f.key), 'null'), k.planned -> ('$.' || f.key), count(*)
        FROM run_change s
        CROSS JOIN prior_record k ON k.run_change = s.id AND k.attempt = s.record_attempt
        CROSS JOIN json_each(k.planned) f
        WHERE s.id > ? AND s.id < ? AND \(Self.isRestored)
        GROUP BY 1, 2, 3 ORDER BY 1, 4 DESC, min(s.id)
        """, arguments: [id << 32, (id + 1) << 32])
    while let row = try rows.next() {
      try body(FieldTransition(field: row[0], prior: row[1], planned: row[2], count: row[3]))
    }
  }

  package func instanceMoves(ofRun id: Int) throws -> InstanceMoves {
    let row = try Row.fetchOne(
      database,
      sql: """
        SELECT sum(instance_change) FILTER (WHERE instance_change > 0),
          -sum(instance_change) FILTER (WHERE instance_change < 0),
          count(*) FILTER (WHERE instance_change > 0), count(*) FILTER (WHERE instance_change < 0)
        FROM run_change s WHERE s.id > ? AND s.id < ? AND \(Self.isRestored)
        """, arguments: [id << 32, (id + 1) << 32])
    return InstanceMoves(
      added: row?[0] ?? 0, removed: row?[1] ?? 0, growing: row?[2] ?? 0, shrinking: row?[3] ?? 0)
  }

  /// The attempts of a run that were refused, lost or never sent, by what was answered; the most frequent first.
  package func attemptFailures(ofRun id: Int) throws -> [AttemptFailures] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT method, outcome, http_status, error_code, count(*) FROM attempt
        WHERE run_change > ? AND run_change < ? AND outcome <> 'succeeded'
        GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 4, 3, 2, 1
        """, arguments: [id << 32, (id + 1) << 32]
    ).map {
      AttemptFailures(method: $0[0], outcome: $0[1], httpStatus: $0[2], errorCode: $0[3], count: $0[4])
    }
  }
}
