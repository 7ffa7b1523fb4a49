import KVArchive

/// Manifests: what is read, written and read again is the same.
struct ManifestTarget: FuzzTarget {
    let name = "manifest"
    let tokens = [
        "\"kvark-archive\"", "\"requires\": []", "\"major\": 1", "null", "true", "-1", "1.0", "1e3", "1e400", "[]",
        "{}", "\"1970-01-01T00:00:01Z\"", "\"9999-12-31T23:59:59Z\"", "\"0000-01-01T00:00:00Z\"",
        "\"2023-02-29T00:00:00Z\"", "\"holes\": [{\"key\": \"a\", \"reason\": \"b\"}],",
        "\"read\": {\"requests\": {\"list\": 1, \"list\": 2}, ", "\"settled\": {", "\"runs\": 2,",
        "\"keysDoubled\": 3,", "\"prefix\": \"\",", "\"filters\": [\"x\"],", "\"earliestExpiration\": 5,",
        "\"method\": \"zstd\"", "\"kind\": \"full\"", "\\u0000", "\\ud800", "é", "e\u{301}", "\u{FEFF}",
        "9223372036854775807", "9223372036854775808", "// x\n",
    ]

    func run(_ input: [UInt8]) async throws -> String {
        let manifest: Manifest
        do throws(ArchiveError) {
            manifest = try Manifest(parsing: input)
        } catch {
            return "\(error.code): \(Outcome.words(error.message))"
        }
        // The format wants JSON in UTF-8; a lenient decoder would read other things, which other readers do not.
        guard case .valid = JSONGrammar.verdict(on: input, depthMaximum: 1024) else {
            throw Violation("a manifest was read that is not JSON")
        }
        let again = try Manifest(parsing: manifest.text)
        try require(again == manifest, "the manifest is another one after writing it")
        try require(again.text == manifest.text, "the manifest's text is another one after reading it")
        let members: [Any?] = [
            manifest.tool, manifest.read, manifest.read?.settled, manifest.compression, manifest.source.prefix,
            manifest.totals.earliestExpiration, manifest.holes.first,
        ]
        return "a manifest: \(members.map { $0 != nil })"
    }
}
