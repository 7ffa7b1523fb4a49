import Foundation
import KVArchive
import KVTestSupport
import Testing

/// What finding one record in a large archive takes.
///
/// `KVARK_LARGE_RECORDS=10000000` in the environment makes the archive larger than a test run has time for.
@Suite struct LargeArchiveTests {
    private static let records =
        ProcessInfo.processInfo.environment["KVARK_LARGE_RECORDS"].flatMap { Int($0) } ?? 1_500_000

    private static func key(_ number: Int) -> KVKey { KVKey("key:\(100_000_000 + number)") }

    private static func line(_ number: Int) -> RecordLine {
        var generator = SeededGenerator(seed: UInt64(number))
        return RecordLine(KVRecord(key: key(number), text: String(generator.next(), radix: 36) + "-\(number)"))
    }

    private static func write(_ count: Int, in vault: FolderVault) async throws {
        _ = try await withArchiveWriter(in: vault, at: "x") { writer in
            for start in stride(from: 0, to: count, by: 10_000) {
                try await writer.append((start..<min(start + 10_000, count)).map(line))
            }
            return .fixed
        }
    }

    @Test func `a record is found by reading the manifest, the list, the end of one part and one frame`() async throws {
        try await withTemporaryFolder { folder in
            let vault = FolderVault(path: folder)
            try await Self.write(Self.records, in: vault)
            let parts = try await Archive.open(in: vault, at: "x").parts
            let frameBytes = parts.map { $0.bytes / $0.frames }.max() ?? 0
            // The index has a line for each frame, the seek table eight bytes.
            let tailBytes = parts.map { $0.frames * 128 + 64 }.max() ?? 0
            for number in [0, Self.records / 3, Self.records - 1] {
                let counting = CountingVault(vault)
                let archive = try await Archive.open(in: counting, at: "x")
                #expect(try await archive.record(for: Self.key(number)) == Self.line(number))
                let read = counting.bytesRead
                #expect(read.count == 3, "\(read)")
                let part = try #require(read.first { $0.key.contains("part-") })
                #expect(part.value <= 2 * frameBytes + tailBytes, "\(read), \(frameBytes) bytes a frame")
                print(
                    "look-up among \(Self.records) records in \(parts.count) parts: \(read.values.reduce(0, +)) bytes read"
                )
            }
        }
    }

    @Test func `a prefix is read from the frames that can hold it`() async throws {
        try await withTemporaryFolder { folder in
            let vault = FolderVault(path: folder)
            try await Self.write(300_000, in: vault)
            let counting = CountingVault(vault)
            let archive = try await Archive.open(in: counting, at: "x")
            let found = try await archive.allLines(prefix: "key:1001234")
            #expect(found == (123_400..<123_500).map(Self.line))
            let frameBytes = archive.parts.map { $0.bytes / $0.frames }.max() ?? 0
            let read = counting.bytesRead.filter { $0.key.contains("part-") }
            #expect(read.count == 1 && read.values.allSatisfy { $0 <= 3 * frameBytes }, "\(read)")
        }
    }
}
