import AutoScaling
import ChangeRun
import Testing

@testable import fleetplan

/// How changes are laid out for people.
struct PreviewTextTests {
  private static func text(
    _ planned: GroupModification, live: GroupModification, columns: Int? = nil, usesColor: Bool = false
  ) -> String {
    let group = ScalingGroup(
      id: "g-1", values: live, status: "PAUSED", isScaling: false, currentInstanceNumber: 0)
    let change = PreviewChange(
      change: ClaimedChange(number: 1, group: GroupReference(projectID: "p", groupID: "g-1"), planned: planned),
      line: 2)
    var forecaster = GroupForecaster(group, options: RunOptions())
    return PreviewText(usesColor: usesColor, namesProjects: false, columns: columns).text(forecaster.forecast(change))
  }

  private static func ids(_ letters: String) -> [String] {
    letters.map { String(repeating: $0, count: 8) + "-0000-4000-8000-" + String(repeating: $0, count: 12) }
  }

  @Test(arguments: [
    // A network goes, one stays, one comes; the order is the planned one.
    (
      GroupField.networks, FieldValue.networks(ids("ab").map { Network(id: $0, ipv6Enable: false) }),
      FieldValue.networks(ids("cb").map { Network(id: $0) }),
      """
        networks:
          - aaaaaaaa-0000-4000-8000-aaaaaaaaaaaa
          + cccccccc-0000-4000-8000-cccccccccccc
            bbbbbbbb-0000-4000-8000-bbbbbbbbbbbb

      """
    ),
    (
      .networks, .networks(ids("ab").map { Network(id: $0) }), .networks(ids("ba").map { Network(id: $0) }),
      """
        networks: in another order
            bbbbbbbb-0000-4000-8000-bbbbbbbbbbbb
            aaaaaaaa-0000-4000-8000-aaaaaaaaaaaa

      """
    ),
    (
      .lbaasListeners, .listeners(ids("ab").map { Listener(poolID: $0, protocolPort: 80, weight: 1) }),
      .listeners([
        Listener(poolID: ids("a")[0], protocolPort: 80, weight: 1),
        Listener(poolID: ids("b")[0], protocolPort: 80, weight: 9),
      ]),
      """
        lbaas_listeners:
          - bbbbbbbb-0000-4000-8000-bbbbbbbbbbbb:80:1
            aaaaaaaa-0000-4000-8000-aaaaaaaaaaaa:80:1
          + bbbbbbbb-0000-4000-8000-bbbbbbbbbbbb:80:9

      """
    ),
    (
      .lbListenerID, .string(ids("abc").joined(separator: ",")), .string(ids("cb").joined(separator: ", ")),
      """
        lb_listener_id:
          - aaaaaaaa-0000-4000-8000-aaaaaaaaaaaa
            cccccccc-0000-4000-8000-cccccccccccc
            bbbbbbbb-0000-4000-8000-bbbbbbbbbbbb

      """
    ),
    (
      .description, .string(String(repeating: "old words ", count: 9)), .string("new \u{1B}words"),
      """
        description:
          - "\(String(repeating: "old words ", count: 9))"
          + "new \\u001bwords"

      """
    ),
    // What is short stays on one line.
    (
      .availableZones, .strings(["eu-de-01", "eu-de-02"]), .strings(["eu-de-03"]),
      "  available_zones: [\"eu-de-01\",\"eu-de-02\"] → [\"eu-de-03\"]\n"
    ),
  ])
  func `long values are compared one below the other, lists by their elements`(
    field: GroupField, prior: FieldValue, planned: FieldValue, expected: String
  ) {
    let text = Self.text(GroupModification([field: planned]), live: GroupModification([field: prior]))
    #expect(text == "g-1, line 2\n" + expected)
  }

  @Test func `on a terminal lines end where it ends, and elsewhere a line stays a line`() {
    let live = GroupModification([.description: .null, .coolDownTime: .integer(300)])
    let planned = GroupModification([
      .description: .string("four words and more"), .coolDownTime: .integer(60),
    ])
    #expect(
      Self.text(planned, live: live, columns: 40) == """
        g-1, line 2
          cool_down_time: 300 → 60
          description:
            - null
            + "four words and more"
          cannot be taken back: description was
            empty before the change, and the API
            takes no empty description

        """)
    let unlimited = Self.text(planned, live: live)
    #expect(unlimited.contains("  description: null → \"four words and more\"\n"))
    #expect(
      unlimited.contains(
        "  cannot be taken back: description was empty before the change, and the API takes no empty description\n"))
    // Wide characters take two columns.
    let wide = WrappedText(usesColor: false, columns: 8).lines(
      StyledWord.words("漢字 漢字 ab cd"), indent: 0, hanging: 2)
    #expect(wide == "漢字\n  漢字\n  ab cd\n")
  }

  @Test func `colours are set once for words beside each other`() {
    let words = StyledWord.words("a b", .red) + [StyledWord("c"), StyledWord("d", .green)]
    #expect(
      WrappedText(usesColor: true, columns: nil).lines(words, indent: 1, hanging: 1)
        == " \u{1B}[31ma b\u{1B}[0m c \u{1B}[32md\u{1B}[0m\n")
    #expect(
      WrappedText(usesColor: true, columns: 4).lines(words, indent: 0, hanging: 0)
        == "\u{1B}[31ma b\u{1B}[0m\nc \u{1B}[32md\u{1B}[0m\n")
  }

  @Test func `the sums name the first lines, the largest changes and the emptied groups`() {
    var totals = PreviewTotals()
    for number in (1...12).reversed() {
      let group = ScalingGroup(
        id: "g-\(number)",
        values: GroupModification([
          .scalingGroupName: .string("web-\(number)"), .minInstanceNumber: .integer(0),
          .desireInstanceNumber: .integer(number), .maxInstanceNumber: .integer(19),
        ]))
      var forecaster = GroupForecaster(group, options: RunOptions())
      let desired = number % 2 == 0 ? 0 : 21 - number % 4
      totals.add(
        forecaster.forecast(
          PreviewChange(
            change: ClaimedChange(
              number: number, group: GroupReference(projectID: "p", groupID: group.id),
              planned: GroupModification([.desireInstanceNumber: .integer(desired)])),
            line: number * 10)))
      totals.addGroup(emptied: forecaster.emptiedGroup)
    }
    #expect(
      PreviewText(usesColor: false, namesProjects: false, columns: 60)
        .summary(totals, title: "night.csv", projects: 1, rate: 7.5, hint: "look there") == """
          night.csv: 12 changes to 12 groups in 1 project
            to apply        9
            unchanged       0
            blocked         3 (lines 10, 50, 90)
            instances       33 added, at most 15 by one change (line
                            30, web-3)
                            42 removed, at most 12 by one change (line
                            120, web-12)
            groups to zero  6 (web-12, web-10, web-8, web-6, web-4 …)
            fields          desire_instance_number 9
            not reversible  6 changes: 6 removing instances
            a run sends     21 requests, about 3 s at 7.5/s
            reasons         look there

          """)
  }
}
