import KVTestSupport
import Testing

/// How much memory the commands take, and how many requests they make: neither is a matter of how busy the machine is.
@Suite struct MemoryTests {
    /// The most memory that any job may hold, in kilobytes.
    private static let kilobytesMaximum = 120_000

    /// Runs a command and prints the most memory that it has held, as the system says while it runs.
    private static let peak = """
        peak() {
            "$KVARK" "$@" > out.txt 2> err.txt &
            pid=$! kilobytes=0
            while status=$(cat /proc/$pid/status 2> /dev/null); do
                now=$(sed -n 's/^VmHWM:[^0-9]*\\([0-9]*\\).*/\\1/p' <<< "$status")
                kilobytes=${now:-$kilobytes}
                sleep 0.02
            done
            # A job that ends early takes little memory.
            wait $pid || { echo "$1 failed: $(cat err.txt)" >&2; exit 1; }
            echo "$1 $kilobytes"
        }
        """

    /// The most memory of each job with so many records of about 900 bytes.
    private static func peaks(_ bench: Workbench, _ records: Int) async throws -> [String: Int] {
        let outcome = try await bench.bash(
            """
            \(peak)
            awk 'BEGIN { srand(7); for (i = 1; i <= \(records); i++) {
                value = ""; for (j = 0; j < 100; j++) value = value sprintf("%08x ", rand() * 4294967295)
                printf "{\\"key\\":\\"key:%08d\\",\\"value\\":\\"%s\\"}\\n", i, value } }' > \(records).ndjson
            "$KVARK" import \(records).ndjson --to n\(records) --create --quiet
            : > requests.ndjson
            peak backup n\(records) --to vault --quiet
            peak restore vault/n\(records)/latest --to m\(records) --create --quiet
            peak verify vault/n\(records)/latest
            peak diff vault/n\(records)/latest vault/n\(records)/latest
            """)
        #expect(outcome.status == 0, "\(outcome.errorText)")
        let words = outcome.outputText.split { $0 == " " || $0 == "\n" }
        var peaks: [String: Int] = [:]
        for index in stride(from: 0, to: words.count - 1, by: 2) { peaks[String(words[index])] = Int(words[index + 1]) }
        return peaks
    }

    @Test func `memory and requests are as small for many records as for few`() async throws {
        try await Workbench.withServer { bench in
            let few = try await Self.peaks(bench, 50_000)
            let many = try await Self.peaks(bench, 150_000)
            print("peak memory in kilobytes: \(few) with 50,000 records, \(many) with 150,000")
            #expect(Set(many.keys) == ["backup", "restore", "verify", "diff"])
            for (job, kilobytes) in many {
                let before = try #require(few[job])
                #expect(kilobytes > 10_000 && kilobytes <= Self.kilobytesMaximum, "\(job)")
                #expect(Double(kilobytes) <= 1.2 * Double(before), "\(job): \(before), then \(kilobytes)")
            }
            let routes = try bench.requests().map(\.route)
            #expect(routes.count { $0 == "bulk-get" } == 1_500)
            // Requests of 8 MB hold some 8,500 such records.
            #expect(routes.count { $0 == "bulk-put" } == 18)
        }
    }
}
