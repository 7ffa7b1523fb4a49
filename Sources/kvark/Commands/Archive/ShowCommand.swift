import ArgumentParser
import Foundation
import KVTransfer

struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows what is in an archive.",
        discussion: """
              kvark show ./vault/sessions/latest
              kvark show ./vault/sessions/latest --json     # the manifest
            """)

    @Argument(help: "The archive's folder.")
    var archive: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let opened = try await Archive.open(path: archive)
        let manifest = opened.manifest
        if output.json { return try StandardOutput.write(manifest.text) }
        for (name, value) in Self.facts(manifest, parts: opened.parts.count) {
            try StandardOutput.line("\(name.padding(toLength: 18, withPad: " ", startingAt: 0))\(value)")
        }
        for hole in manifest.holes { try StandardOutput.line("not read          \(hole.key): \(hole.reason)") }
    }

    private static func facts(_ manifest: Manifest, parts: Int) -> [(String, String)] {
        let totals = manifest.totals
        var facts = origin(manifest)
        facts += [
            ("records", Amounts.count(totals.records)),
            ("values", "\(Amounts.bytes(totals.valueBytes)), \(Amounts.count(totals.base64Values)) of them not text"),
            ("with metadata", Amounts.count(totals.recordsWithMetadata)),
            ("with expiration", Amounts.count(totals.recordsWithExpiration)),
        ]
        if let earliest = totals.earliestExpiration { facts.append(("first expiration", text(earliest))) }
        facts += [
            ("archive", "\(Amounts.bytes(totals.compressedBytes)) in \(Amounts.count(parts, "part"))"),
            ("content digest", manifest.contentDigest),
        ]
        if let read = manifest.read {
            let requests = read.requests.values.reduce(0, +)
            facts.append(("requests", "\(Amounts.count(requests)), at least \(Amounts.count(read.floor)) needed"))
        }
        return facts + [("holes", Amounts.count(manifest.holes.count))]
    }

    private static func origin(_ manifest: Manifest) -> [(String, String)] {
        let source = manifest.source
        var facts: [(String, String)] = []
        if let title = source.namespaceTitle {
            facts.append(("namespace", "\(KVKey(title)) (\(source.namespaceID?.rawValue ?? "no id"))"))
        }
        if let account = source.accountID {
            facts.append(("account", "\(account) at \(source.apiBaseURL ?? "an unknown address")"))
        }
        facts += [
            ("keys", source.prefix.map { "those that start with \($0)" } ?? "all"),
            ("started", text(manifest.startedAt)),
            ("finished", text(manifest.finishedAt)),
        ]
        if let tool = manifest.tool { facts.append(("made by", "\(tool.name) \(tool.version)")) }
        return facts
    }

    private static func text(_ time: UnixTime) -> String {
        Date(timeIntervalSince1970: TimeInterval(time.seconds)).ISO8601Format()
    }
}
