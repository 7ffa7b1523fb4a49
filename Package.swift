// swift-tools-version: 6.2
import PackageDescription

/// The same strictness for every target.
let settings: [SwiftSetting] = [
    // `any` is written out, so that the cost of an existential is seen where it is paid.
    .enableUpcomingFeature("ExistentialAny"),
    // An import does not leak to users of a module unless it is declared `public`.
    .enableUpcomingFeature("InternalImportsByDefault"),
    // A member is visible only where its module is imported: no accidental dependencies.
    .enableUpcomingFeature("MemberImportVisibility"),
    // An async function runs where its caller runs, unless it says otherwise.
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    // A warning left alone becomes noise that hides the next one.
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "kvark",
    // Only Linux is tested; the minimum keeps the manifest valid where a Mac user opens it.
    platforms: [.macOS("26.0")],
    products: [
        .library(name: "WorkersKV", targets: ["WorkersKV"]),
        .library(name: "KVArchive", targets: ["KVArchive"]),
        .library(name: "KVTransfer", targets: ["KVTransfer"]),
        .executable(name: "kvark", targets: ["kvark"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.1.4"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .target(name: "JSONText", swiftSettings: settings),
        .target(name: "KVModel", dependencies: ["JSONText"], swiftSettings: settings),
        .target(
            name: "WorkersKV",
            dependencies: [
                "KVModel", "JSONText",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .target(name: "KVVault", swiftSettings: settings),
        .target(
            name: "KVArchive",
            dependencies: [
                "KVVault", "KVModel", "JSONText", "CZstd",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "KVTransfer",
            dependencies: [
                "WorkersKV", "KVArchive", "KVVault", "KVModel", "JSONText",
                .product(name: "AsyncAlgorithms", package: "swift-async-algorithms"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "KVServer",
            dependencies: [
                "KVModel", "JSONText",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "KVExchange",
            dependencies: [
                "KVTransfer", "KVArchive", "KVVault", "KVModel", "JSONText", "CZlib",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "kvark",
            dependencies: [
                "KVExchange", "KVTransfer", "KVServer", "WorkersKV", "KVArchive", "KVVault", "KVModel", "JSONText",
                "CMalloc",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "KVBenchmarks",
            dependencies: [
                "KVArchive", "KVVault", "KVModel",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            exclude: ["RESULTS.md"],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "KVFuzz",
            dependencies: [
                "KVServer", "WorkersKV", "KVArchive", "KVVault", "KVModel", "JSONText", "CZstd",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "KVTestSupport",
            dependencies: [
                "KVServer", "WorkersKV", "KVArchive", "KVVault", "KVModel", "JSONText",
            ],
            path: "Tests/KVTestSupport",
            swiftSettings: settings
        ),
        .testTarget(name: "JSONTextTests", dependencies: ["JSONText", "KVTestSupport"], swiftSettings: settings),
        .testTarget(
            name: "KVModelTests", dependencies: ["KVModel", "JSONText", "KVTestSupport"], swiftSettings: settings),
        .testTarget(
            name: "WorkersKVTests",
            dependencies: [
                "WorkersKV", "KVModel", "JSONText", "KVTestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "KVVaultTests", dependencies: ["KVVault", "KVTestSupport"], swiftSettings: settings),
        .testTarget(
            name: "KVArchiveTests",
            dependencies: ["KVArchive", "KVVault", "KVModel", "JSONText", "KVTestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "KVServerTests",
            dependencies: ["KVServer", "KVModel", "JSONText", "KVTestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "KVTransferTests",
            dependencies: [
                "KVTransfer", "KVServer", "WorkersKV", "KVArchive", "KVVault", "KVModel", "JSONText", "KVTestSupport",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "KVExchangeTests",
            dependencies: [
                "KVExchange", "KVTransfer", "KVArchive", "KVVault", "KVModel", "JSONText", "KVTestSupport",
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "FuzzTests", dependencies: ["KVFuzz", "KVTestSupport"], swiftSettings: settings),
        .testTarget(name: "SystemTests", dependencies: ["kvark", "KVModel", "KVTestSupport"], swiftSettings: settings),
    ]
)
