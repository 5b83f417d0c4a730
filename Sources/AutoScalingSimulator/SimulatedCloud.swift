package import AutoScaling
import Foundation
import Synchronization

/// The simulated Auto Scaling service, without HTTP: a request and a time come in, an answer comes out.
///
/// State is real: what a PUT sets, a GET shows. Times are durations since the start of the simulator; whoever
/// calls keeps the clock, and it must not go back.
package final class SimulatedCloud: Sendable {
  package let options: SimulatorOptions
  private let state: Mutex<CloudState>

  /// Makes the groups; dates in answers count from `startedAt`, in seconds since 1970.
  ///
  /// - Throws: `JournalError` where the journal's file cannot be made.
  package init(
    options: SimulatorOptions, startedAt: Double = Date().timeIntervalSince1970
  ) throws(JournalError) {
    self.options = options
    state = Mutex(try CloudState(options: options, startedAt: startedAt))
  }

  /// Carries out a request that was received now, or lets it fail as the faults have it.
  package func handle(_ request: SimulatedRequest, now: Duration) -> SimulatedAnswer {
    state.withLock { $0.handle(request, at: now) }
  }

  /// Notes in the journal that the answer to a request leaves now, or that its connection is cut.
  ///
  /// - Throws: `JournalError` where the journal's file cannot be written: then no answer may leave.
  package func answered(_ sequence: Int, now: Duration) throws(JournalError) {
    let result = state.withLock { state in
      Result { () throws(JournalError) in try state.journal.answered(sequence, at: now) }
    }
    try result.get()
  }

  // MARK: Looking

  /// The ids of the projects, the generated ones first.
  package var projects: [String] { state.withLock { $0.projects.map(\.id) } }

  /// The names of the projects, in the same order.
  package var projectNames: [String] { state.withLock { $0.projects.map(\.plan.name) } }

  /// The groups in the order of the lists, project by project.
  package var references: [GroupReference] {
    state.withLock { state in
      state.projects.flatMap { project in
        project.groups.map { GroupReference(projectID: project.id, groupID: state.groups[$0].id) }
      }
    }
  }

  /// Those groups with these numbers that are still there; `nil` past the last number.
  func groups(numbered numbers: Range<Int>) -> [SimulatedGroup]? {
    state.withLock { state in
      guard numbers.lowerBound < state.groups.count else { return nil }
      return numbers.clamped(to: state.groups.indices).map { ($0, state.groups[$0]) }.filter { number, group in
        state.index(of: GroupReference(projectID: group.projectID, groupID: group.id)) == number
      }.map(\.1)
    }
  }

  /// The requests that the journal keeps, oldest first.
  package var journal: [JournalEntry] { state.withLock { $0.journal.kept } }

  /// A group as it is now, `nil` where there is none.
  package func group(_ reference: GroupReference, now: Duration) -> ScalingGroup? {
    look(reference, now: now) { state, index in state.groups[index].scalingGroup }
  }

  /// The body of the answer to a GET of the group now, `nil` where there is none.
  package func groupJSON(_ reference: GroupReference, now: Duration) -> String? {
    look(reference, now: now) { state, index in
      String(decoding: state.show(state.groups[index]).body, as: UTF8.self)
    }
  }

  /// All groups as they are now, for a comparison of before and after.
  package func snapshotAll(now: Duration) -> [GroupReference: ScalingGroup] {
    state.withLock { state in
      state.advance(to: now)
      var result: [GroupReference: ScalingGroup] = [:]
      for project in state.projects {
        for index in project.groups {
          state.settle(index, at: now)
          let group = state.groups[index].scalingGroup
          result[GroupReference(projectID: project.id, groupID: group.id)] = group
        }
      }
      return result
    }
  }

  private func look<Value: Sendable>(
    _ reference: GroupReference, now: Duration, _ body: (inout CloudState, Int) -> Value
  ) -> Value? {
    state.withLock { state in
      state.advance(to: now)
      guard let index = state.index(of: reference) else { return nil }
      state.settle(index, at: now)
      return body(&state, index)
    }
  }

  // MARK: Interfering, as somebody else would

  /// Adds a group with generated values, except those that are given.
  ///
  /// - Parameters:
  ///   - reference: its project is added where it does not exist; a group with this id is replaced.
  ///   - values: fields to set; they are not checked.
  ///   - status: see `setStatus`.
  ///   - currentInstanceNumber: the desired number where it is `nil`.
  package func addGroup(
    _ reference: GroupReference, values: GroupModification = GroupModification(), status: String = "INSERVICE",
    currentInstanceNumber: Int? = nil
  ) {
    state.withLock { state in
      let project =
        state.projectIndex[reference.projectID].map { state.projects[$0].plan }
        ?? state.generator.project(id: reference.projectID)
      if state.projectIndex[project.id] == nil { state.add(project) }
      var group = state.generator.group(0, in: project, id: reference.groupID)
      group.apply(values)
      group.status = status
      group.currentInstanceNumber = Int32(clamping: currentInstanceNumber ?? group.desired)
      state.add(group)
    }
  }

  /// Takes a group away: requests about it get AS.2007.
  package func removeGroup(_ reference: GroupReference) {
    state.withLock { $0.remove(reference) }
  }

  /// Sets fields without a check, as somebody at the console would; a changed desired number starts a scaling action.
  ///
  /// - Returns: whether there is such a group.
  @discardableResult
  package func setFields(_ values: GroupModification, of reference: GroupReference, now: Duration) -> Bool {
    look(reference, now: now) { state, index in state.apply(values, to: index, at: now) } != nil
  }

  /// Sets the status (`INSERVICE`, `PAUSED`, `ERROR`, `DELETING`, `FREEZED`).
  ///
  /// - Returns: whether there is such a group.
  @discardableResult
  package func setStatus(_ status: String, of reference: GroupReference, now: Duration) -> Bool {
    look(reference, now: now) { state, index in state.update(index) { $0.status = status } } != nil
  }

  /// Starts a scaling action that ends after this time, with as many instances as are desired.
  ///
  /// - Returns: whether there is such a group.
  @discardableResult
  package func startScaling(_ reference: GroupReference, lasting duration: Duration, now: Duration) -> Bool {
    look(reference, now: now) { state, index in
      state.startScaling(index, at: now, lasting: duration, reason: "RECURRENCE")
    } != nil
  }

  /// Makes all issued tokens invalid, as a changed password does.
  package func revokeTokens() {
    state.withLock { $0.tokens.revokeAll() }
  }

  /// When connections are refused, as the faults have it.
  var outages: [Range<Duration>] { state.withLock { $0.faults.outages } }
}
