// swift-tools-version: 6.2
import PackageDescription

// Imports go one way: JSONText ← AutoScaling ← ChangePlan ← ChangeRun ← Ledger ← Execution, Reports ← fleetplan.
// The client and the simulator see only AutoScaling (and the JSON text below it).
let package = Package(
  name: "fleetplan",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
  ],
  targets: [
    .target(name: "JSONText"),
    .target(name: "AutoScaling", dependencies: ["JSONText"]),
    .target(
      name: "ChangePlan",
      dependencies: [
        "AutoScaling", "JSONText", .product(name: "Crypto", package: "swift-crypto"),
      ]
    ),
    .target(
      name: "ChangeRun",
      dependencies: [
        "AutoScaling", "ChangePlan", "JSONText",
        .product(name: "DequeModule", package: "swift-collections"),
      ]
    ),
    .target(name: "TestSupport", dependencies: ["AutoScaling", "JSONText"], path: "Tests/TestSupport"),
    .testTarget(name: "JSONTextTests", dependencies: ["JSONText", "TestSupport"]),
    .testTarget(name: "AutoScalingTests", dependencies: ["AutoScaling", "JSONText", "TestSupport"]),
    .testTarget(
      name: "ChangePlanTests", dependencies: ["ChangePlan", "AutoScaling", "JSONText", "TestSupport"],
      exclude: ["Fixtures"]
    ),
    .testTarget(
      name: "ChangeRunTests",
      dependencies: ["ChangeRun", "AutoScaling", "ChangePlan", "JSONText", "TestSupport"]
    ),
  ],
  swiftLanguageModes: [.v6]
)

for target in package.targets {
  target.swiftSettings =
    (target.swiftSettings ?? []) + [
      .enableUpcomingFeature("ExistentialAny"),
      .enableUpcomingFeature("MemberImportVisibility"),
      .enableUpcomingFeature("InternalImportsByDefault"),
    ]
}
