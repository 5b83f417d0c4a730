import AutoScaling
import ChangeRun
import Testing

@testable import fleetplan

/// Several changes to one group are judged one after the other.
struct PreviewForecastTests {
  private static let group = ScalingGroup(
    id: "g-1",
    values: GroupModification([
      .scalingGroupName: .string("web-1"), .minInstanceNumber: .integer(1), .desireInstanceNumber: .integer(2),
      .maxInstanceNumber: .integer(5), .coolDownTime: .integer(300), .availableZones: .strings(["eu-de-01"]),
    ]), status: "INSERVICE", isScaling: false, currentInstanceNumber: 2)

  private static func change(
    _ number: Int, _ planned: GroupModification, expected: GroupModification = GroupModification(),
    blocked: String? = nil
  ) -> PreviewChange {
    PreviewChange(
      change: ClaimedChange(
        number: number, group: GroupReference(projectID: "p", groupID: "g-1"), planned: planned, expected: expected,
        blocked: blocked),
      line: number + 1)
  }

  private static func forecasts(
    _ changes: [PreviewChange], _ group: ScalingGroup = group, _ options: RunOptions = RunOptions()
  ) -> [ChangeForecast] {
    var forecaster = GroupForecaster(group, options: options)
    return changes.map { forecaster.forecast($0) }
  }

  @Test func `a later change is judged by what an earlier one leaves`() {
    let forecasts = Self.forecasts([
      Self.change(1, GroupModification([.maxInstanceNumber: .integer(10)])),
      Self.change(2, GroupModification([.desireInstanceNumber: .integer(8)])),
      Self.change(3, GroupModification([.desireInstanceNumber: .integer(8)])),
      Self.change(4, GroupModification([.desireInstanceNumber: .integer(6)])),
    ])
    #expect(forecasts.map(\.verdict) == [.apply, .apply, .unchanged, .apply])
    #expect(forecasts.map(\.instanceChange) == [0, 6, 0, -2])
    #expect(forecasts[3].fields.map(\.prior) == [.integer(8)])
    // The prior values of these are what a former line leaves.
    #expect(forecasts.map(\.followsLine) == [nil, 2, 3, 3])
    #expect(forecasts.map(\.groupName) == ["web-1", "web-1", "web-1", "web-1"])
  }

  @Test(arguments: [
    (false, [ChangeForecast.Verdict.conflicted, .blocked, .blocked]), (true, [.conflicted, .apply, .unchanged]),
  ])
  func `what would fail holds up the later changes, unless --keep-going`(
    keepGoing: Bool, verdicts: [ChangeForecast.Verdict]
  ) {
    var options = RunOptions()
    options.keepGoing = keepGoing
    let forecasts = Self.forecasts(
      [
        Self.change(
          1, GroupModification([.coolDownTime: .integer(60)]), expected: GroupModification([.coolDownTime: .integer(1)])
        ),
        Self.change(2, GroupModification([.coolDownTime: .integer(90)])),
        Self.change(3, GroupModification([.coolDownTime: .integer(90)])),
      ], Self.group, options)
    #expect(forecasts.map(\.verdict) == verdicts)
    var totals = PreviewTotals()
    for forecast in forecasts { totals.add(forecast) }
    // A change behind one that failed is not even read.
    #expect(totals.requests == (keepGoing ? 4 : 1))
  }

  @Test func `a busy group is waited for, and what will be sent is known`() {
    var group = Self.group
    group.isScaling = true
    let forecasts = Self.forecasts(
      [
        Self.change(1, GroupModification([.availableZones: .strings(["eu-de-02"])])),
        Self.change(2, GroupModification([.coolDownTime: .integer(60)])),
      ], group)
    #expect(forecasts.map(\.verdict) == [.waiting, .apply])
    #expect(forecasts[0].fields.map(\.planned) == [.strings(["eu-de-02"])])
    #expect(forecasts[0].code == FleetplanCode.busy)
  }

  @Test func `a group that loses its last instances is counted`() {
    var forecaster = GroupForecaster(Self.group, options: RunOptions())
    #expect(forecaster.emptiedGroup == nil)
    _ = forecaster.forecast(
      Self.change(1, GroupModification([.minInstanceNumber: .integer(0), .desireInstanceNumber: .integer(0)])))
    #expect(forecaster.emptiedGroup == "web-1")
    _ = forecaster.forecast(Self.change(2, GroupModification([.desireInstanceNumber: .integer(1)])))
    #expect(forecaster.emptiedGroup == nil)
  }

  @Test func `what a rollback cannot restore is blocked, and the rest is restored all the same`() {
    let forecasts = Self.forecasts([
      Self.change(2, GroupModification([.coolDownTime: .integer(60)]), blocked: "description: it was empty"),
      Self.change(1, GroupModification(), blocked: "description: it was empty"),
    ])
    #expect(forecasts.map(\.verdict) == [.blocked, .blocked])
    #expect(forecasts.map(\.isSent) == [true, false])
    #expect(forecasts[0].fields.map(\.field) == [.coolDownTime])
    var totals = PreviewTotals()
    for forecast in forecasts { totals.add(forecast) }
    #expect(totals.requests == 2)
    #expect(!totals.isClean)
  }

  @Test func `colours are only for terminals, and values cannot move the cursor`() {
    var group = Self.group
    group.values[.scalingGroupName] = .string("evil\u{1B}[2J\u{202E}")
    let forecast = Self.forecasts([Self.change(1, GroupModification([.coolDownTime: .integer(60)]))], group)[0]
    #expect(
      PreviewText(usesColor: false, namesProjects: false).text(forecast)
        == "evil\\u{1b}[2J\\u{202e} g-1, line 2\n  cool_down_time: 300 → 60\n")
    #expect(
      PreviewText(usesColor: true, namesProjects: true).text(forecast)
        == "\u{1B}[1mevil\\u{1b}[2J\\u{202e}\u{1B}[0m \u{1B}[2mp/g-1, line 2\u{1B}[0m\n"
        + "  cool_down_time: \u{1B}[31m300\u{1B}[0m → \u{1B}[32m60\u{1B}[0m\n")
  }
}
