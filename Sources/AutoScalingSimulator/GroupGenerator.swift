import AutoScaling

/// Makes projects and groups as a grown account has them, each from the seed and its number alone.
struct GroupGenerator: Sendable {
  /// The networks, security groups and configurations that the groups of a project share.
  struct Project: Sendable {
    let id: String
    let name: String
    fileprivate let vpcs: [(id: String, networks: [String])]
    fileprivate let securityGroups: [String]
    fileprivate let configurations: [String]
    fileprivate let enterpriseProjects: [String]

    /// The VPC of each network.
    var vpcOfNetwork: [String: String] {
      Dictionary(vpcs.flatMap { vpc in vpc.networks.map { ($0, vpc.id) } }) { first, _ in first }
    }
  }

  let seed: UInt64
  /// Seconds since 1970: the groups were created before.
  let startedAt: Int

  /// A project of the account; numbers count from 0.
  func project(_ number: Int) -> Project {
    var random = generator("project", number)
    return project(id: random.hexadecimalID(), name: number == 0 ? "eu-de" : "eu-de_team\(number + 1)", &random)
  }

  /// A project that was not generated, but named by a test or an example.
  func project(id: String) -> Project {
    var random = generator("project \(id)", 0)
    return project(id: id, name: "eu-de_\(id.prefix(8))", &random)
  }

  private func project(id: String, name: String, _ random: inout SeededGenerator) -> Project {
    func ids(_ count: Int) -> [String] { (0..<count).map { _ in random.uuid() } }
    return Project(
      id: id, name: name, vpcs: (0..<3).map { _ in (ids(1)[0], ids(6)) }, securityGroups: ids(4),
      configurations: ids(6), enterpriseProjects: ids(3))
  }

  /// A group of a project; numbers count from 0, over all projects. It has an id from the seed unless one is given.
  ///
  /// Of eight groups one is paused and empty and one is paused with instances; of fifty one is in error; the
  /// others are in service.
  func group(_ number: Int, in project: Project, id: String? = nil) -> SimulatedGroup {
    var random = generator("group \(id ?? "")", number)
    let generatedID = random.uuid()
    let vpc = random.pick(project.vpcs)
    let isEmpty = number % 8 == 5
    let status = isEmpty || number % 8 == 7 ? "PAUSED" : number % 50 == 44 ? "ERROR" : "INSERVICE"

    let desired = isEmpty ? 0 : Int.random(in: 1...8, using: &random)
    var values = GroupModification()
    values[.scalingGroupName] = .string(name(number, &random))
    values[.desireInstanceNumber] = .integer(desired)
    values[.minInstanceNumber] = .integer(Int.random(in: 0...desired, using: &random))
    values[.maxInstanceNumber] = .integer(desired + Int.random(in: 1...12, using: &random))
    values[.coolDownTime] = .integer(random.pick([60, 200, 300, 300, 600, 900]))
    values[.scalingConfigurationID] = .string(random.pick(project.configurations))
    setPlacement(&values, vpc: vpc.networks, project: project, &random)
    setHealthChecks(&values, &random)
    values[.instanceTerminatePolicy] = .string(
      random.pick(["OLD_CONFIG_OLD_INSTANCE", "OLD_CONFIG_NEW_INSTANCE", "OLD_INSTANCE", "NEW_INSTANCE"]))
    values[.notifications] = random.pick([.null, .null, .strings([]), .strings(["EMAIL"])])
    values[.deletePublicIP] = .boolean(random.chance(0.3))
    values[.deleteVolume] = .boolean(random.chance(0.3))
    values[.enterpriseProjectID] = random.pick(
      [.null, .string("0"), .string("0"), .string(random.pick(project.enterpriseProjects))])
    values[.description] = random.pick([.null, .null, .string("Managed by the platform team"), .string("Tier 2")])
    return SimulatedGroup(
      id: id ?? generatedID, projectID: project.id, vpcID: vpc.id,
      createdAt: startedAt - Int.random(in: 86400...126_144_000, using: &random), status: status, values: values,
      currentInstanceNumber: desired)
  }

  private func name(_ number: Int, _ random: inout SeededGenerator) -> String {
    let service = random.pick([
      "web", "api", "checkout", "search", "worker", "ingest", "auth", "billing", "media", "cache", "reports",
    ])
    return "\(service)-\(random.pick(["prod", "prod", "stage", "dev"]))-\(number + 1)"
  }

  private func setPlacement(
    _ values: inout GroupModification, vpc networks: [String], project: Project, _ random: inout SeededGenerator
  ) {
    let isPickFirst = random.chance(0.2)
    values[.multiAZPriorityPolicy] = .string(isPickFirst ? "PICK_FIRST" : "EQUILIBRIUM_DISTRIBUTE")
    let zoneLists = [
      ["eu-de-01", "eu-de-02"], ["eu-de-02", "eu-de-01"], ["eu-de-03", "eu-de-01", "eu-de-02"], ["eu-de-02"],
    ]
    values[.availableZones] = .strings(random.pick(zoneLists))
    let first = Int.random(in: networks.indices, using: &random)
    let second = (first + 1) % networks.count
    let isDual = random.chance(0.25)
    values[.networks] = .networks(
      (isDual ? [first, second] : [first]).map { Network(id: networks[$0], ipv6Enable: false) })
    values[.securityGroups] = random.pick([
      .securityGroups([]), .securityGroups([project.securityGroups[0]]),
      .securityGroups([random.pick(project.securityGroups)]),
    ])
  }

  private func setHealthChecks(_ values: inout GroupModification, _ random: inout SeededGenerator) {
    values[.lbListenerID] = .null
    values[.lbaasListeners] = random.pick([.null, .listeners([])])
    let share = Double.random(in: 0..<1, using: &random)
    if share < 0.1 {
      values[.lbListenerID] = .string(random.hexadecimalID())
    } else if share < 0.4 {
      let count = Int.random(in: 1...2, using: &random)
      values[.lbaasListeners] = .listeners(
        (0..<count).map { _ in
          Listener(
            poolID: random.uuid(), protocolPort: random.pick([80, 443, 8080]),
            weight: Int.random(in: 1...100, using: &random))
        })
    }
    values[.healthPeriodicAuditMethod] = .string(share < 0.4 && random.chance(0.7) ? "ELB_AUDIT" : "NOVA_AUDIT")
    values[.healthPeriodicAuditTime] = .integer(random.pick([0, 1, 5, 5, 15, 60]))
    values[.healthPeriodicAuditGracePeriod] = .integer(random.pick([300, 600, 600, 1200]))
  }

  private func generator(_ purpose: String, _ number: Int) -> SeededGenerator {
    var hash = SeededHash(seed: seed, purpose)
    hash.combine(number)
    return SeededGenerator(hash)
  }
}
