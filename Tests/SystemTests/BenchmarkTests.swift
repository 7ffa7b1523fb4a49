import Foundation
import KVTestSupport
import Testing

/// The benchmarks on little data: that they run, and what they count; how long things take is no test's matter.
@Suite struct BenchmarkTests {
    /// The cells of the table row that begins with a text.
    private static func row(_ name: String, of table: String, in text: String) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let section = lines.drop { $0 != "## \(table)" }.dropFirst().prefix { !$0.hasPrefix("## ") }
        let row = section.first { $0.hasPrefix("| \(name)") } ?? ""
        return row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    @Test func `the benchmarks run, with the requests and the memory that the jobs are to take`() async throws {
        try await withTemporaryFolder { folder in
            let benchmarks = URL(filePath: CommandRunner.kvark).deletingLastPathComponent().appending(
                path: "KVBenchmarks")
            let outcome = try await CommandRunner.run(
                benchmarks.path,
                [
                    "--records", "20000", "--rounds", "1", "--folder", folder.path, "--kvark", CommandRunner.kvark,
                    "--largest", "10000", "writing", "verifying", "commands", "jobs", "scale",
                ])
            #expect(outcome.status == 0, "\(outcome.errorText)")
            let text = outcome.outputText
            let backup = Self.row("backup", of: "Backup and restore", in: text)
            let requests = try #require(backup.dropFirst(5).first)
            // 1,000 images, 19,000 texts: at the border between the two some requests more.
            let counts = requests.split(separator: ", ").compactMap { Int($0.prefix { $0.isNumber }) }
            #expect(counts.count == 3 && requests.contains("20 key-list"), "\(requests)")
            let (bulk, values) = (try #require(counts.first), try #require(counts.last))
            #expect((190...320).contains(bulk) && (1_000...1_060).contains(values), "\(requests)")
            let restore = Self.row("restore", of: "Backup and restore", in: text)
            #expect(restore.dropFirst(5).first == "3 bulk-write", "\(restore)")
            for cells in [backup, restore] {
                let memory = try #require(cells.last.flatMap { Int($0.prefix { $0.isNumber }) })
                #expect((10...120).contains(memory), "\(cells)")
            }
            #expect(Self.row("20000 records", of: "Writing an archive", in: text).count == 5, "\(text)")
            #expect(Self.row("`kvark diff ARCHIVE ARCHIVE`", of: "Commands", in: text).count == 4, "\(text)")
            #expect(
                Self.row("10000", of: "Size: microseconds per record and peak memory", in: text).count == 6, "\(text)")
        }
    }
}
