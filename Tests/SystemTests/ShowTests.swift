import Foundation
import KVModel
import KVTestSupport
import Testing

/// What `kvark show` tells of an archive: as text, as JSON and as a page.
@Suite struct ShowTests {
    private static let hasChromium = (try? CommandRunner.requireTool("chromium")) != nil

    private static let hostileKeys = [
        "<script>document.title='taken'</script>:x", "</style></svg><img src=x onerror=alert(1)>", "\u{202E}gnp.exe",
        "\u{0}\u{1B}[31mred\u{7F}\u{9B}", "&amp;\"'>", String(repeating: "k", count: 512),
    ]

    /// Makes an archive of mixed records and of keys that are markup, control characters and turned text.
    private static func withArchive(_ body: (Workbench, _ archive: String) async throws -> Void) async throws {
        try await Workbench.withServer { bench in
            try await bench.loadMixed("n", records: 3_000)
            let soon = Int64(Date().timeIntervalSince1970) + 7_200
            var records = hostileKeys.map {
                KVRecord(key: KVKey($0), text: "<b>" + String(repeating: "x", count: 9_000))
            }
            records += (0..<40).map {
                KVRecord(
                    key: KVKey("img/\($0 % 3)/\($0)"), value: Array(repeating: 0xFF, count: 5_000 + $0),
                    metadata: try? KVMetadata(json: "{\"alt\":\"<i>\"}"),
                    expiration: UnixTime(seconds: soon + Int64($0) * 86_400))
            }
            let lines = records.map { RecordLine($0).text + [0x0A] }
            let loaded = try await bench.kvark("bulk", "put", "n", "-", input: Array(lines.joined()))
            try #require(loaded.status == 0, "\(loaded.errorText)")
            let backup = try await bench.kvark("backup", "n", "--to", "vault")
            try #require(backup.status == 0, "\(backup.errorText)")
            try await body(bench, backup.lastLine)
        }
    }

    @Test func `text, JSON and page tell the same numbers`() async throws {
        try await Self.withArchive { bench, archive in
            let outcome = try await bench.kvark("show", archive, "--json", "--html", "page.html")
            #expect(outcome.status == 0, "\(outcome.errorText)")
            let shown = try JSONDecoder().decode(Shown.self, from: Data(outcome.output))
            Self.expectSumsToAgree(shown)

            let compared = try await Self.compare(
                outcome.output, Array(Data(contentsOf: URL(filePath: "\(bench.folder)/page.html"))))
            #expect(compared.numbers > 90 && compared.missing == [], "\(compared.missing)")

            let text = try await bench.kvark("show", archive)
            #expect(text.status == 0)
            let line = "content digest    \(shown.manifest.contentDigest)"
            #expect(text.outputLines.contains(line), "\(text.outputText)")
            for title in [
                "value sizes", "kinds of values", "expirations", "metadata sizes", "heaviest prefixes",
                "largest values",
                "parts",
            ] {
                #expect(text.outputLines.contains { $0.hasPrefix(title) }, "\(title)")
            }
            #expect(text.output.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x0A })
            #expect(!text.outputText.contains("\u{202E}") && text.outputText.contains("\\u202egnp.exe"))
        }
    }

    @Test func `the quick way reads no records`() async throws {
        try await Self.withArchive { bench, archive in
            let whole = try await bench.kvark("show", archive, "--json")
            _ = try await bench.bash("truncate -s -1 \(archive)/part-000000.ndjson.zst")
            let quick = try await bench.kvark("show", archive, "--quick", "--json")
            #expect(quick.status == 0, "\(quick.errorText)")
            let shown = try JSONDecoder().decode(Shown.self, from: Data(quick.output))
            #expect(shown.statistics == nil && shown.parts.count == 1)
            let all = try JSONDecoder().decode(Shown.self, from: Data(whole.output))
            #expect(shown.manifest == all.manifest && shown.parts == all.parts)
            #expect(try await bench.kvark("show", archive, "--quick").outputText.contains("content digest"))

            let slow = try await bench.kvark("show", archive, "--html", "page.html")
            #expect(slow.status == 1 && slow.output.isEmpty)
            #expect(slow.errorText.contains("part-000000.ndjson.zst") && slow.errorText.contains("hint: kvark verify"))
            #expect(!FileManager.default.fileExists(atPath: "\(bench.folder)/page.html"))
        }
    }

    @Test func `an archive without records has a page too`() async throws {
        try await Workbench.withServer { bench in
            _ = try await bench.kvark("namespace", "create", "empty")
            let archive = try await bench.kvark("backup", "empty", "--to", "vault").lastLine
            let outcome = try await bench.kvark("show", archive, "--json", "--html", "page.html")
            #expect(outcome.status == 0, "\(outcome.errorText)")
            let shown = try JSONDecoder().decode(Shown.self, from: Data(outcome.output))
            #expect(shown.statistics?.values.sizes.isEmpty == true && shown.parts.isEmpty)
            let page = try Data(contentsOf: URL(filePath: "\(bench.folder)/page.html"))
            #expect(try await Self.compare(outcome.output, Array(page)).numbers > 3)
            #expect(try await bench.kvark("show", archive).outputText.contains("records           0"))
        }
    }

    @Test func `a page takes the place of a file, and of nothing else`() async throws {
        try await Workbench.withServer { bench in
            try await bench.load("n", records: 10)
            let archive = try await bench.kvark("backup", "n", "--to", "vault").lastLine
            let made = try await bench.bash("mkdir pages; echo old > pages/old; ln -s pages/old link; mkfifo pipe")
            try #require(made.status == 0)
            #expect(try await bench.kvark("show", archive, "--html", "link").status == 0)
            let written = try await bench.bash("test -L link && ls -A pages && head -c 15 pages/old")
            #expect(written.outputText == "old\n<!DOCTYPE html>")
            let printed = try await bench.kvark("show", archive, "--html", "-")
            #expect(printed.outputText.hasPrefix("<!DOCTYPE html>") && printed.outputText.hasSuffix("</html>\n"))
            for (file, reason) in [
                ("pages", "not a regular file"), ("pipe", "not a regular file"), ("nowhere/page", "nowhere/page"),
            ] {
                let refused = try await bench.kvark("show", archive, "--html", file)
                #expect(refused.status == 1 && refused.errorText.contains(reason), "\(refused.errorText)")
            }
            #expect(try await bench.bash("ls -A pages nowhere 2>/dev/null || true").outputText == "pages:\nold\n")
        }
    }

    @Test(.enabled(if: hasChromium, "apt-get install chromium"), .timeLimit(.minutes(5)))
    func `a browser shows the page's numbers and plots, and runs nothing of it`() async throws {
        try await Self.withArchive { bench, archive in
            let json = try await bench.kvark("show", archive, "--json", "--html", "page.html")
            try #require(json.status == 0, "\(json.errorText)")
            let dom = try await Self.chromium(["--dump-dom"], in: bench)
            let compared = try await Self.compare(json.output, dom.output)
            #expect(compared.numbers > 90 && compared.missing == [], "\(compared.missing)")
            #expect(compared.plots == 7 && compared.scripts == 0)
            #expect(!dom.outputText.contains("<title>taken"))
            for width in [400, 1200] {
                let file = "page-\(width).png"
                let shot = try await Self.chromium(["--screenshot=\(file)", "--window-size=\(width),2000"], in: bench)
                let image = try Data(contentsOf: URL(filePath: "\(bench.folder)/\(file)"))
                #expect(image.starts(with: [0x89, 0x50, 0x4E, 0x47]), "\(shot.errorText)")
                // A white page of this size compresses to a few KiB.
                #expect(image.count > 40_000, "\(file) has \(image.count) bytes")
            }
        }
    }
}

// MARK: - What is shown

extension ShowTests {
    /// What the tests look at of the JSON.
    private struct Shown: Decodable {
        struct Sum: Decodable, Equatable {
            var records: Int
            var valueBytes: Int
        }

        struct Bucket: Decodable {
            var count: Int
            var bytes: Int
        }

        struct Manifest: Decodable, Equatable {
            struct Totals: Decodable, Equatable {
                var records: Int
                var valueBytes: Int
                var base64Values: Int
                var recordsWithMetadata: Int
                var recordsWithExpiration: Int
            }

            var contentDigest: String
            var totals: Totals
        }

        struct Part: Decodable, Equatable {
            var records: Int
        }

        struct Values: Decodable {
            struct Largest: Decodable {
                var key: String
                var valueBytes: Int
            }

            var kinds: [String: Sum]
            var sizes: [Bucket]
            var largest: [Largest]
        }

        struct Metadata: Decodable {
            var records: Int
            var sizes: [Bucket]
        }

        struct Prefixes: Decodable {
            var count: Int
            var heaviest: [Sum]
            var rest: Sum
            var unprefixed: Sum
        }

        struct Statistics: Decodable {
            var values: Values
            var metadata: Metadata
            var expirations: [Sum]
            var prefixes: [String: Prefixes]
        }

        var manifest: Manifest
        var parts: [Part]
        var statistics: Statistics?
    }

    private static func expectSumsToAgree(_ shown: Shown) {
        let totals = shown.manifest.totals
        guard let statistics = shown.statistics else {
            Issue.record("there are no statistics")
            return
        }
        #expect(totals.records == 3_000 + hostileKeys.count + 40)
        #expect(shown.parts.reduce(0) { $0 + $1.records } == totals.records)
        let all = Shown.Sum(records: totals.records, valueBytes: totals.valueBytes)
        #expect(sum(Array(statistics.values.kinds.values)) == all)
        #expect(statistics.values.kinds["binary"]?.records == totals.base64Values)
        #expect(sum(statistics.expirations) == all)
        for prefixes in statistics.prefixes.values {
            #expect(sum(prefixes.heaviest + [prefixes.rest, prefixes.unprefixed]) == all)
        }
        #expect(statistics.values.sizes.reduce(0) { $0 + $1.count } == totals.records)
        #expect(statistics.values.sizes.reduce(0) { $0 + $1.bytes } == totals.valueBytes)
        #expect(statistics.metadata.sizes.reduce(0) { $0 + $1.count } == totals.recordsWithMetadata)
        #expect(statistics.values.largest.count == 20)
        #expect(Set(hostileKeys).isSubset(of: statistics.values.largest.map(\.key)))
    }

    private static func sum(_ sums: [Shown.Sum]) -> Shown.Sum {
        sums.reduce(into: Shown.Sum(records: 0, valueBytes: 0)) {
            $0.records += $1.records
            $0.valueBytes += $1.valueBytes
        }
    }
}

// MARK: - The page

extension ShowTests {
    private struct Compared: Decodable {
        /// How many numbers of the page were compared.
        var numbers: Int
        /// The statistics' numbers that are not on the page; a rest that is nothing need not be.
        var missing: [String]
        var plots: Int
        var scripts: Int
    }

    /// Compares each number of a page with the JSON, and looks for what must not be in it.
    private static func compare(_ json: [UInt8], _ page: [UInt8]) async throws -> Compared {
        let script = """
            import html.parser, json, re, sys
            text, page = sys.stdin.buffer.read().split(b"\\0", 1)
            document, page = json.loads(text), page.decode()
            assert not re.search("[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]", page), "invisible"

            class Page(html.parser.HTMLParser):
                plots = scripts = 0
                seen = set()
                def handle_starttag(self, tag, attributes):
                    attributes = dict(attributes)
                    assert tag not in ("img", "iframe", "link", "object"), tag
                    assert not any(name.startswith("on") or name in ("src", "href") for name in attributes), attributes
                    self.scripts += tag == "script"
                    self.plots += tag == "figure"
                    if tag != "data": return
                    value = document
                    for step in attributes["data-path"].split("."):
                        value = value[int(step)] if isinstance(value, list) else value[step]
                    assert value == int(attributes["value"]), (attributes, value)
                    self.seen.add(attributes["data-path"])

            def numbers(value, path):
                if isinstance(value, int) and value != 0: yield path
                members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
                for name, member in members: yield from numbers(member, f"{path}.{name}")

            parser = Page()
            parser.feed(page)
            # The ranges of sizes are names there, and the records with metadata are the manifest's.
            missing = [path for path in numbers(document["statistics"], "statistics") if path not in parser.seen
                       and not path.endswith((".from", ".through")) and path != "statistics.metadata.records"]
            print(json.dumps({"numbers": len(parser.seen), "missing": missing, "plots": parser.plots,
                              "scripts": parser.scripts}))
            """
        let output = try await CommandRunner.python(script, input: json + [0] + page)
        return try JSONDecoder().decode(Compared.self, from: Data(output))
    }

    /// Opens the page in a browser without a screen.
    private static func chromium(_ options: [String], in bench: Workbench) async throws -> CommandRunner.Outcome {
        let outcome = try await CommandRunner.run(
            "chromium",
            // Without its sandbox, because tests may run as root.
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--user-data-dir=\(bench.folder)/browser",
            ] + options + ["file://\(bench.folder)/page.html"],
            folder: URL(filePath: bench.folder))
        try #require(outcome.status == 0, "\(outcome.errorText)")
        return outcome
    }
}
