// swift-tools-version: 6.2
import PackageDescription

// Imports go one way: JSONText ← AutoScaling ← ChangePlan ← ChangeRun ← Ledger ← Execution, Reports ← fleetplan.
// The client and the simulator see only AutoScaling (and the JSON text below it), and how requests are signed.
let package = Package(
  name: "fleetplan",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "fleetplan", targets: ["fleetplan"]),
    .executable(name: "fleetplan-bench", targets: ["fleetplan-bench"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", exact: "0.2.0"),
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
    .target(
      name: "Migrations",
      path: "migrations",
      // Named one by one: the manifest's cache does not see files that are added to a folder.
      resources: [
        .embedInCode("V001_ledger.sql"), .embedInCode("V002_report_views.sql"),
        .embedInCode("V003_checks_without_lists.sql"),
      ]
    ),
    .target(
      name: "Ledger",
      dependencies: [
        "AutoScaling", "ChangePlan", "ChangeRun", "JSONText", "Migrations",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ]
    ),
    .target(name: "CloudConfiguration", dependencies: [.product(name: "Yams", package: "Yams")]),
    .target(name: "Signing", dependencies: [.product(name: "Crypto", package: "swift-crypto")]),
    // Makes SQLite's files fail, for tests of the ledger and for the bench.
    .target(name: "LedgerFaults", dependencies: [.product(name: "GRDBSQLite", package: "GRDB.swift")]),
    .target(
      name: "AutoScalingClient",
      dependencies: [
        "AutoScaling", "JSONText", "Signing",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOExtras", package: "swift-nio-extras"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]
    ),
    .target(
      name: "Execution",
      dependencies: [
        "AutoScaling", "ChangePlan", "ChangeRun", "JSONText", "Ledger",
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "Logging", package: "swift-log"),
      ]
    ),
    .target(
      name: "Reports",
      dependencies: [
        "AutoScaling", "ChangePlan", "ChangeRun", "JSONText", "Ledger",
        .product(name: "Histogram", package: "hdrhistogram-swift"),
      ]
    ),
    .target(
      name: "AutoScalingSimulator",
      dependencies: [
        "AutoScaling", "JSONText", "Signing",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "Logging", package: "swift-log"),
      ]
    ),
    .executableTarget(
      name: "fleetplan",
      dependencies: [
        "AutoScaling", "AutoScalingClient", "AutoScalingSimulator", "ChangePlan", "ChangeRun", "CloudConfiguration",
        "Execution", "JSONText", "Ledger", "LedgerFaults", "Reports", "Signing",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ]
    ),
    .executableTarget(
      name: "fleetplan-bench",
      dependencies: [
        "AutoScaling", "AutoScalingSimulator", "ChangeRun", "JSONText",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ]
    ),
    .target(
      name: "TestSupport",
      dependencies: [
        "AutoScaling", "JSONText",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      path: "Tests/TestSupport",
      exclude: ["Certificates"]
    ),
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
    .testTarget(
      name: "LedgerTests",
      dependencies: [
        "Ledger", "AutoScaling", "ChangePlan", "ChangeRun", "JSONText", "LedgerFaults", "Migrations", "TestSupport",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]
    ),
    .testTarget(name: "CloudConfigurationTests", dependencies: ["CloudConfiguration"]),
    .testTarget(
      name: "SigningTests", dependencies: ["Signing", .product(name: "Crypto", package: "swift-crypto")]
    ),
    .testTarget(
      name: "AutoScalingClientTests",
      dependencies: [
        "AutoScalingClient", "AutoScaling", "JSONText", "Signing", "TestSupport",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ]
    ),
    .testTarget(
      name: "ExecutionTests",
      dependencies: [
        "Execution", "AutoScaling", "AutoScalingClient", "AutoScalingSimulator", "ChangePlan", "ChangeRun",
        "JSONText", "Ledger", "LedgerFaults", "TestSupport",
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "GRDB", package: "GRDB.swift"),
      ]
    ),
    .testTarget(
      name: "ReportsTests",
      dependencies: [
        "Reports", "AutoScaling", "ChangePlan", "ChangeRun", "JSONText", "Ledger", "TestSupport",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]
    ),
    .testTarget(
      name: "AutoScalingSimulatorTests",
      dependencies: [
        "AutoScalingSimulator", "AutoScaling", "JSONText", "Signing", "TestSupport",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
      ]
    ),
    .testTarget(
      name: "FleetplanTests",
      dependencies: [
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "GRDB", package: "GRDB.swift"),
        "fleetplan", "AutoScaling", "AutoScalingSimulator", "ChangePlan", "ChangeRun", "Execution", "JSONText",
        "Ledger", "LedgerFaults", "Reports", "Signing", "TestSupport",
      ]
    ),
    .testTarget(
      name: "FleetplanBenchTests",
      dependencies: [
        "fleetplan-bench", "AutoScaling", "AutoScalingSimulator", "ChangePlan", "ChangeRun", "JSONText", "TestSupport",
      ]
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
