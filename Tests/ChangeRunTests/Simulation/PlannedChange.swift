import AutoScaling
import ChangeRun

/// A change of a simulated plan.
struct PlannedChange {
  /// From 1, in plan order.
  var number: Int
  /// Index of the group at the service.
  var groupIndex: Int
  var group: GroupReference
  var planned: GroupModification
  var expected = GroupModification()
  /// The changes of the same group before and after it.
  var predecessor: Int?
  var successor: Int?
  /// In a rollback: when the change that it takes back had ended.
  var undoneAt: Int?
}

/// Mistakes that are built in on purpose, to see that the checks of the simulation find them.
enum PlantedBug: String, CaseIterable {
  /// A lost answer counts as a refusal: settled by assumption.
  case lostMeansRefused
  /// The run is told that a record is durable before it is.
  case sentBeforeDurable
  /// A second intent puts other priors into the record in force.
  case recordOverwritten
  /// The next change of a group begins when the one before is being sent.
  case releasedTooEarly
  /// Changes of one group are not held at all.
  case heldNotAtAll
  /// What has been tried is forgotten each time.
  case attemptsForgotten
  /// After a crash a change that was being sent is taken for one that was not.
  case doubtForgotten
  /// Nothing waits for a lost PUT to have no effect any more.
  case lossForgotten
  /// The whole planned body is sent, with the fields that hold already.
  case wholeBodySent
  /// The run's clock goes faster than the time, so it sends too early.
  case clockTooFast
  /// The timer is never set.
  case neverWoken

}
