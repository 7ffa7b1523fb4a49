import ArgumentParser
import Foundation

/// Measures kvark beside other ways to do the same work, in turns and in one run.
@main
struct KVBenchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kvark-benchmarks", abstract: "Measures kvark beside other ways to do the same work.")

    /// A part of the page.
    enum Part: String, CaseIterable, ExpressibleByArgument {
        case writing, verifying, commands, jobs
    }

    @Option(help: "How many records the data has.")
    var records = 1_000_000

    @Option(help: "How often each thing is measured.")
    var rounds = 5

    @Option(help: "The built command.")
    var kvark = ".build/release/kvark"

    @Option(help: "A folder to work in, on the disk that is to be measured.")
    var folder = "/tmp/kvark-benchmarks"

    @Argument(help: "What to measure; everything, if nothing is named.")
    var parts: [Part] = []

    func run() async throws {
        let workshop = Workshop(
            kvark: URL(filePath: kvark).path, folder: folder, records: records, rounds: max(1, rounds))
        try await workshop.prepare()
        var results = Results()
        for part in parts.isEmpty ? Part.allCases : parts {
            switch part {
            case .writing: try await workshop.benchmarkWriting(&results)
            case .verifying: try await workshop.benchmarkVerifying(&results)
            case .commands: try await workshop.benchmarkCommands(&results)
            case .jobs: try await workshop.benchmarkJobs(&results)
            }
        }
    }
}
