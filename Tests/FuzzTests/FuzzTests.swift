import Foundation
import KVFuzz
import Testing

/// What the parsers must never do with damaged inputs; `scripts/fuzz` looks longer.
@Suite struct FuzzTests {
    private static let seeds = SeedFolder(
        path: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "FuzzSeeds").path)

    @Test(arguments: FuzzTargets.all.map(\.name))
    func `every seed is answered as it must be`(name: String) async throws {
        let target = try #require(FuzzTargets.named(name))
        let seeds = try Self.seeds.seeds(of: name)
        try #require(!seeds.isEmpty)
        for seed in seeds {
            await #expect(throws: Never.self, "\(name)/\(seed.name)") {
                _ = try await FuzzLoop.check(target, seed.bytes)
            }
        }
    }

    @Test(arguments: FuzzTargets.all.map(\.name))
    func `damaged inputs are answered as they must be`(name: String) async throws {
        let target = try #require(FuzzTargets.named(name))
        var loop = FuzzLoop(target, seeds: try Self.seeds.seeds(of: name).map(\.bytes), seed: 1)
        var input: [UInt8] = []
        do {
            while loop.inputs < target.testInputs { try await loop.step { input = $0 } }
        } catch {
            Issue.record("\(error), with \(input)")
        }
        // Fewer would mean that damage leads nowhere.
        #expect(loop.outcomes > 4 && loop.kept > 4)
    }

    @Test func `the same number gives the same inputs`() async throws {
        let target = try #require(FuzzTargets.named("json"))
        var runs: [[[UInt8]]] = []
        for _ in 0..<2 {
            var loop = FuzzLoop(target, seeds: [Array("[1]".utf8)], seed: 5)
            var inputs: [[UInt8]] = []
            for _ in 0..<500 { try await loop.step { inputs.append($0) } }
            runs.append(inputs)
        }
        #expect(runs[0] == runs[1] && Set(runs[0]).count > 300)
    }
}
