import Foundation
import KVArchive

/// Work that needs no network: writing and checking archives, comparing, looking up.
extension Workshop {
    /// Writing an archive from memory, beside `zstd -3 -T0` from file to file.
    func benchmarkWriting(_ results: inout Results) async throws {
        results.section("Writing an archive", "job", "kvark", "zstd -3 -T0", "times as fast", "sizes")
        var batches: [[RecordLine]] = []
        for line in BenchmarkRecords(count: records) {
            if batches.isEmpty || batches[batches.count - 1].count == 1_000 { batches.append([]) }
            batches[batches.count - 1].append(line)
        }
        let loaded = batches
        let (target, compressed) = ("\(folder)/written", "\(folder)/records.zst")
        let contest = try await Contest(rounds: rounds) {
            try? FileManager.default.removeItem(atPath: target)
            let start = ContinuousClock.now
            try await Self.write(to: target) { writer in for batch in loaded { try await writer.append(batch) } }
            return (ContinuousClock.now - start) / .seconds(1)
        } theirs: {
            try seconds("zstd", "-3", "-T0", "-q", "-f", ndjson, "-o", compressed)
        }
        let ours = try parts.reduce(0) { $0 + Self.bytes($1) }
        results.row(
            "\(records) records, \(Results.megabytes(Self.bytes(ndjson))) of NDJSON", contest,
            "\(Results.megabytes(ours)) and \(Results.megabytes(Self.bytes(compressed)))")
    }

    /// Checking an archive, beside the tools that check the same files.
    func benchmarkVerifying(_ results: inout Results) async throws {
        results.section("Verifying", "beside", "kvark verify", "the other", "times as fast")
        let parts = try parts
        let paths = parts.map { "'\($0)'" }.joined(separator: " ")
        let others = [
            ("`zstd -t` of the parts", "zstd -q -t \(paths)"),
            ("`sha256sum`, then `zstd -t`", "sha256sum \(paths); zstd -q -t \(paths)"),
            ("`sha256sum` and `zstd -t` at once", "sha256sum \(paths) & zstd -q -t \(paths); wait"),
        ]
        for (name, script) in others {
            let contest = try await Contest(rounds: rounds) {
                try seconds(kvark, "verify", archive)
            } theirs: {
                try seconds("sh", "-c", script)
            }
            results.row(name, contest)
        }
    }

    /// Has the system drop what it holds of the files of a folder in memory.
    private static func forget(_ folder: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let file = open("\(folder)/\(name)", O_RDONLY)
            guard file >= 0 else { continue }
            // What is not on the disk yet cannot be dropped.
            fsync(file)
            posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
            close(file)
        }
    }

    /// What a person waits for.
    func benchmarkCommands(_ results: inout Results) async throws {
        results.section("Commands", "command", "time", "processor time", "peak memory")
        let key = "json:" + String(repeating: "0", count: 10 - String(records / 4).count) + String(records / 4)
        let commands: [(String, [String])] = [
            ("`kvark --help`", ["--help"]), ("`kvark get ARCHIVE KEY`, warm", ["get", archive, key]),
            ("`kvark get ARCHIVE KEY`, cold", ["get", archive, key]),
            ("`kvark show ARCHIVE`", ["show", archive]), ("`kvark verify ARCHIVE`", ["verify", archive]),
            ("`kvark diff ARCHIVE ARCHIVE`", ["diff", archive, archive]),
            ("`kvark cat ARCHIVE`", ["cat", archive]),
            ("`kvark verify --quick ARCHIVE`", ["verify", "--quick", archive]),
        ]
        for (name, arguments) in commands {
            var (time, processor, peak) = (Series(), Series(), Series())
            for _ in 0..<rounds {
                if name.hasSuffix("cold") { try Self.forget(archive) }
                let usage = try ChildProcess.run([kvark] + arguments)
                time.values.append(usage.seconds)
                processor.values.append(usage.processorSeconds)
                peak.values.append(Double(usage.peakBytes))
            }
            results.row(
                name, Results.seconds(time.median), Results.seconds(processor.median),
                Results.megabytes(Int(peak.spread.high)))
        }
    }
}
