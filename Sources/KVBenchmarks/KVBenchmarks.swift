import CommandArguments
import Foundation

/// Measures kvark beside other ways to do the same work, in turns and in one run.
@main
struct KVBenchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kvark-benchmarks", abstract: "Measures kvark beside other ways to do the same work.")

    /// A part of the page.
    enum Part: String, CaseIterable, ExpressibleByArgument {
        case writing, verifying, commands, jobs, python, serve, latency, limit, scale
    }

    @Option(help: "How many records the data has.")
    var records = 1_000_000

    @Option(help: "How often each thing is measured.")
    var rounds = 5

    @Option(help: "The built command.")
    var kvark = ".build/release/kvark"

    @Option(help: "A folder to work in, on the disk that is to be measured.")
    var folder = "/tmp/kvark-benchmarks"

    @Option(help: "A Python that has the official SDK, for the part of that name.")
    var python = "python3"

    @Option(help: "The largest size of the part 'scale'.")
    var largest = 10_000_000

    @Argument(help: "What to measure; everything, if nothing is named.")
    var parts: [Part] = []

    func run() async throws {
        let workshop = Workshop(
            kvark: URL(filePath: kvark).path, folder: folder, records: records, rounds: max(1, rounds))
        try await workshop.prepare()
        var results = Results()
        Machine().describe(in: &results, records: records, rounds: workshop.rounds)
        for part in parts.isEmpty ? Part.allCases : parts {
            switch part {
            case .writing: try await workshop.benchmarkWriting(&results)
            case .verifying: try await workshop.benchmarkVerifying(&results)
            case .commands: try await workshop.benchmarkCommands(&results)
            case .jobs: try await workshop.benchmarkJobs(&results)
            case .python: try await workshop.benchmarkPython(&results, python: python)
            case .serve: try await workshop.benchmarkServe(&results)
            case .latency: try await workshop.benchmarkLatency(&results)
            case .limit: try await workshop.benchmarkLimit(&results)
            case .scale: try await workshop.benchmarkScale(&results, largest: largest)
            }
        }
    }
}
