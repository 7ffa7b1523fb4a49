import Foundation
import KVArchive
import Testing

@Suite(.serialized) struct VectorTests {
    private func encode(_ document: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(document) + Data("\n".utf8)
    }

    private func record(_ files: [String: [UInt8]], _ expected: some Encodable, in folder: String) throws {
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder + "/archive", withIntermediateDirectories: true)
        for (name, bytes) in files { try Data(bytes).write(to: URL(filePath: "\(folder)/archive/\(name)")) }
        try encode(expected).write(to: URL(filePath: folder + "/expected.json"))
    }

    @Test(.enabled(if: Vectors.isRecording)) func `vectors are recorded, and a recording run fails`() async throws {
        for (name, vector) in try Vectors.accepted() {
            let vault = MemoryVault()
            try await write(vector.records.map { RecordLine($0) }, in: vault, at: "x", options: vector.options)
            let files = vault.files.map { (String($0.key.dropFirst(2)), $0.value) }
            try record(
                Dictionary(uniqueKeysWithValues: files), ExpectedRecords(vector.records),
                in: "\(Vectors.folder)/accepted/\(name)")
        }
        for (name, vector) in try await Vectors.refused() {
            try record(
                vector.files, ExpectedRefusal(code: vector.code.rawValue), in: "\(Vectors.folder)/refused/\(name)")
        }
        Issue.record("the vectors were written and not compared")
    }

    @Test func `every accepted vector is sound and holds what it should`() async throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Vectors.folder + "/accepted")
        #expect(Set(names).isSuperset(of: ["plain", "edges"]))
        for name in names {
            let folder = "\(Vectors.folder)/accepted/\(name)"
            let archive = try await Archive.open(path: folder + "/archive")
            #expect(try await archive.verify().damages == [], "\(name)")
            let data = try Data(contentsOf: URL(filePath: folder + "/expected.json"))
            let expected = try JSONDecoder().decode(ExpectedRecords.self, from: data)
            #expect(ExpectedRecords(try await archive.allLines().map(\.record)) == expected, "\(name)")
            for line in try await archive.allLines() { #expect(try await archive.record(for: line.key) == line) }
        }
    }

    @Test func `every accepted vector is written again, byte for byte`() async throws {
        for (name, vector) in try Vectors.accepted() {
            let folder = FolderVault(path: "\(Vectors.folder)/accepted/\(name)/archive")
            let golden = try await Archive.open(in: folder, at: "")
            let vault = MemoryVault()
            let written = try await write(
                vector.records.map { RecordLine($0) }, in: vault, at: "x", options: vector.options)
            // Another version of libzstd may find a shorter way to say the same.
            #expect(written.contentDigest == golden.manifest.contentDigest)
            guard written.compression == golden.manifest.compression else { continue }
            let goldenFiles = try await folder.contents(of: "").files
            #expect(Set(goldenFiles.map { "x/\($0.name)" }) == Set(vault.files.keys))
            for file in goldenFiles {
                let isEqual = try await folder.read(file.name, maximumBytes: 1 << 20) == vault.files["x/\(file.name)"]
                #expect(isEqual, "\(name)/\(file.name)")
            }
        }
    }

    @Test func `every refused vector is refused for its reason`() async throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Vectors.folder + "/refused")
        #expect(names.count >= 14)
        for name in names {
            let folder = "\(Vectors.folder)/refused/\(name)"
            let data = try Data(contentsOf: URL(filePath: folder + "/expected.json"))
            let expected = try JSONDecoder().decode(ExpectedRefusal.self, from: data)
            var codes: [String] = []
            do {
                let archive = try await Archive.open(path: folder + "/archive")
                codes = try await archive.verify().damages.map(\.code.rawValue)
            } catch let error as ArchiveError {
                codes = [error.code.rawValue]
            }
            #expect(codes.contains(expected.code), "\(name): \(codes)")
        }
    }

    @Test func `the schemas accept what is accepted and only that`() throws {
        try #require(
            try bash("python3 -c 'import jsonschema'", in: "/").status == 0, "apt-get install python3-jsonschema")
        let script = #"""
            import glob, json, subprocess, sys, jsonschema
            def schema(name):
                document = json.load(open(f"../schemas/{name}.schema.json"))
                jsonschema.Draft202012Validator.check_schema(document)
                return jsonschema.Draft202012Validator(document)
            manifest, part, record = schema("manifest"), schema("part"), schema("record")
            for archive in glob.glob("accepted/*/archive"):
                manifest.validate(json.load(open(archive + "/manifest.json")))
                for line in open(archive + "/parts.ndjson", encoding="utf-8", newline="\n"): part.validate(json.loads(line))
                for file in glob.glob(archive + "/part-*.zst"):
                    text = subprocess.check_output(["zstd", "-dcq", file]).decode()
                    for line in text.split("\n")[:-1]: record.validate(json.loads(line))
            for name in ["newer-version", "unknown-requirement"]:
                assert not manifest.is_valid(json.load(open(f"refused/{name}/archive/manifest.json"))), name
            assert not part.is_valid(json.loads(open("refused/part-outside/archive/parts.ndjson").read()))
            for bad in ['{"key":"","value":""}', '{"key":"a"}', '{"key":"a","value":"/w=","base64":true}',
                        '{"key":"a","value":"","x":1}', '{"key":"a","value":"","expiration":0}',
                        '{"key":"a","value":"","metadata":null}', '{"key":"a","value":"","base64":false}']:
                assert not record.is_valid(json.loads(bad)), bad
            """#
        try withScript(script) { path in
            let result = try bash("python3 -W ignore \(path)", in: Vectors.folder)
            #expect(result.status == 0, "\(result.output)")
        }
    }

    private func withScript(_ text: String, _ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "kvark-script-\(UUID().uuidString).py"
        try Data(text.utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    @Test func `the worked example of the description makes a valid archive`() async throws {
        let page = URL(filePath: Vectors.folder).deletingLastPathComponent().appending(path: "archive-v1.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let blocks = text.split(separator: "```").map(String.init).filter { $0.hasPrefix("bash\n") }
        let example = try #require(blocks.first).dropFirst("bash\n".count)
        try await withTemporaryFolder { folder in
            let made = try bash(String(example), in: folder)
            #expect(made.status == 0, "\(made.output)")
            #expect(try await Archive.open(path: folder).verify().damages == [])
        }
        let index = try #require(blocks.last).dropFirst("bash\n".count)
        try await withTemporaryFolder { folder in
            let made = try bash("{ \(index)\n} | zstd -dcq | wc -c; stat -c %s index", in: folder)
            #expect(made.output == "0\n49\n")
        }
    }
}
