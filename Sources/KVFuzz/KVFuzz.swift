import CommandArguments
import Foundation

/// The command behind `scripts/fuzz`.
@main
struct KVFuzz: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuzz",
        abstract: "Feeds kvark's parsers with damaged inputs and checks their answers.",
        discussion: """
            Each target runs in a process of its own, which may trap, hang or take too much memory; the input with \
            which it did is kept, and the exit status is 1. The targets: \
            \(FuzzTargets.all.map(\.name).joined(separator: ", ")).
            """)

    @Option(help: "How long each target runs.")
    var seconds = 60

    @Option(help: "The one target that runs; otherwise all do.")
    var target: String?

    @Option(help: "A file with the one input that is tried; needs --target.")
    var input: String?

    @Option(help: "Where chance starts; otherwise the clock decides.")
    var seed: UInt64?

    @Option(help: "The folder with a folder of seeds for each target.")
    var seeds = "Tests/FuzzSeeds"

    @Option(help: "Where inputs are kept with which a target failed.")
    var crashes = NSTemporaryDirectory() + "kvark-fuzz-crashes"

    @Option(help: "How many seconds one input may take.")
    var patience = 20

    @Option(help: "How many MiB of memory a target may take.")
    var memory = 1024

    @Option(help: .hidden)
    var worker: String?

    func validate() throws {
        if let target, FuzzTargets.named(target) == nil { throw ValidationError("there is no target \(target)") }
        if input != nil || worker != nil, target == nil { throw ValidationError("which target is --target?") }
    }

    func run() async throws {
        let named = target.flatMap(FuzzTargets.named)
        if let named, let worker { return try await work(named, slotPath: worker) }
        if let named, let input {
            let bytes = Array(try Data(contentsOf: URL(filePath: input)))
            print("\(named.name): \(try await FuzzLoop.check(named, bytes))")
            return
        }
        try await supervise(named.map { [$0] } ?? FuzzTargets.all)
    }

    private func work(_ target: any FuzzTarget, slotPath: String) async throws {
        let worker = Worker(
            target: target, seeds: try SeedFolder(path: seeds).seeds(of: target.name).map(\.bytes), seed: seed ?? 0,
            seconds: seconds, memoryLimit: memory << 20, slot: try InputSlot(path: slotPath))
        do {
            try await worker.run()
        } catch let violation as Violation {
            FileHandle.standardError.write(Data("\(target.name): \(violation)\n".utf8))
            throw ExitCode(Worker.violationStatus)
        }
    }

    private func supervise(_ targets: [any FuzzTarget]) async throws {
        let seed = seed ?? UInt64(Date().timeIntervalSince1970)
        var hasFailed = false
        for target in targets {
            let supervisor = Supervisor(
                target: target.name, seedFolder: seeds, seed: seed, seconds: seconds, patience: patience,
                memoryLimit: memory << 20, crashFolder: crashes)
            guard let failure = try await supervisor.run() else { continue }
            hasFailed = true
            print("\(target.name): FAILED with \(failure.reason); to see it again:")
            print("    scripts/fuzz --target \(target.name) --input \(failure.inputPath)")
        }
        if hasFailed { throw ExitCode.failure }
    }
}
