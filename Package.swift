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
    targets: [
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CMicrohttpd", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .target(name: "Digests", dependencies: ["CCrypto"], swiftSettings: settings),
        .target(name: "SQLite", dependencies: ["CSQLite"], swiftSettings: settings),
        .target(name: "HTTPServer", dependencies: ["CMicrohttpd"], swiftSettings: settings),
        .target(name: "KVHTTP", dependencies: ["CCurl", "CCrypto"], swiftSettings: settings),
        .target(name: "CommandArguments", swiftSettings: settings),
        .target(name: "JSONText", swiftSettings: settings),
        .target(name: "KVModel", dependencies: ["JSONText"], swiftSettings: settings),
        .target(name: "WorkersKV", dependencies: ["KVHTTP", "KVModel", "JSONText"], swiftSettings: settings),
        .target(name: "KVVault", swiftSettings: settings),
        .target(
            name: "KVArchive",
            dependencies: ["Digests", "KVVault", "KVModel", "JSONText", "CZstd"],
            swiftSettings: settings
        ),
        .target(
            name: "KVTransfer",
            dependencies: ["WorkersKV", "KVArchive", "Digests", "KVVault", "KVModel", "JSONText"],
            swiftSettings: settings
        ),
        .target(
            name: "KVServer",
            dependencies: ["HTTPServer", "SQLite", "KVModel", "JSONText"],
            swiftSettings: settings
        ),
        .target(
            name: "KVExchange",
            dependencies: [
                "KVTransfer", "KVArchive", "Digests", "SQLite", "KVVault", "KVModel", "JSONText", "CZlib",
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "kvark",
            dependencies: [
                "KVExchange", "KVTransfer", "KVServer", "WorkersKV", "KVArchive", "KVVault", "KVModel", "JSONText",
                "CommandArguments", "CMalloc",
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "KVBenchmarks",
            dependencies: ["KVArchive", "KVVault", "KVModel", "KVHTTP", "CommandArguments"],
            exclude: ["RESULTS.md"],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "KVFuzz",
            dependencies: [
                "KVServer", "WorkersKV", "KVArchive", "KVVault", "KVModel", "JSONText", "CZstd", "CommandArguments",
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
        .testTarget(name: "DigestsTests", dependencies: ["Digests"], swiftSettings: settings),
        .testTarget(name: "SQLiteTests", dependencies: ["SQLite", "CSQLite"], swiftSettings: settings),
        .testTarget(name: "HTTPServerTests", dependencies: ["HTTPServer", "CMicrohttpd"], swiftSettings: settings),
        .testTarget(name: "KVHTTPTests", dependencies: ["KVHTTP"], swiftSettings: settings),
        .testTarget(name: "CommandArgumentsTests", dependencies: ["CommandArguments"], swiftSettings: settings),
        .testTarget(name: "JSONTextTests", dependencies: ["JSONText", "KVTestSupport"], swiftSettings: settings),
        .testTarget(
            name: "KVModelTests", dependencies: ["KVModel", "JSONText", "KVTestSupport"], swiftSettings: settings),
        .testTarget(
            name: "WorkersKVTests",
            dependencies: [
                "WorkersKV", "KVModel", "JSONText", "KVTestSupport",
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
            dependencies: ["KVServer", "SQLite", "KVModel", "JSONText"],
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
        .testTarget(
            name: "SystemTests", dependencies: ["kvark", "CommandArguments", "KVModel", "KVTestSupport"],
            swiftSettings: settings),
    ]
)
