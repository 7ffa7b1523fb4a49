import Foundation
import KVArchive
import Testing

/// Archives in the hands of stock tools, and stock tools' archives in ours.
@Suite struct ForeignToolTests {
    @Test func `sha256sum, zstd and jq understand an archive`() async throws {
        try await withTemporaryFolder { folder in
            let lines = Generate.lines(300, seed: 11)
            try await write(
                lines, in: FolderVault(path: folder), at: "ns/a", options: .small(frame: 3000, part: 20_000))
            let archive = folder + "/ns/a"
            #expect(try bash("sha256sum --check --quiet --strict SHA256SUMS", in: archive).status == 0)
            #expect(try bash("LC_ALL=C sha256sum [!S]* | cmp - SHA256SUMS", in: archive).status == 0)
            #expect(try bash("zstd -qt part-*.zst", in: archive).status == 0)
            let keys = try bash("zstd -dcq part-*.zst | jq -r '.key | @base64'", in: archive)
            let expected = lines.map { String(decoding: Base64Text.encode($0.key.utf8), as: UTF8.self) + "\n" }
            let areKeysEqual = keys.output == expected.joined()
            #expect(areKeysEqual)
            let raw = try bash("zstd -dcq part-*.zst | sha256sum", in: archive)
            let manifest = try await Archive.open(path: archive).manifest
            #expect(raw.output == "\(manifest.contentDigest)  -\n")
        }
    }

    @Test func `zstd lists the frames of a part, the last two skippable`() async throws {
        try await withTemporaryFolder { folder in
            try await write(
                lines("a", "b", "c"), in: FolderVault(path: folder), at: "a", options: .small(frame: 1, part: 1 << 20))
            let listing = try bash("zstd -lv part-000000.ndjson.zst", in: folder + "/a").output
            #expect(listing.contains("Number of Frames: 5") || listing.contains("# Zstandard Frames: 3"))
            #expect(listing.contains("# Skippable Frames: 2"))
            #expect(listing.contains("Check: XXH64"))
        }
    }

    /// The worked example of the format's description: the same commands.
    private static let byHand = #"""
        cat > records.ndjson << 'END'
        {"key":"a","value":"first"}
        {"key":"b","expiration":1893456000,"metadata":{"v":1.0},"value":"second"}
        {"key":"c","base64":true,"value":"/9j/4A=="}
        END
        COMPRESS
        part=part-000000.ndjson.zst
        cat > parts.ndjson << END
        {"name":"$part","records":3,"firstKey":"a","lastKey":"c","rawBytes":$(stat -c %s records.ndjson),"bytes":$(stat -c %s $part),"sha256":"$(sha256sum < $part | cut -c 1-64)","frames":FRAMES}
        END
        cat > manifest.json << END
        {
          "format": "kvark-archive", "version": {"major": 1, "minor": 0}, "requires": [],
          "id": "made by hand", "kind": "full",
          "startedAt": "2026-11-23T13:05:01Z", "finishedAt": "2026-11-23T13:05:02Z",
          "parts": {"count": 1, "sha256": "$(sha256sum < parts.ndjson | cut -c 1-64)"},
          "totals": {
            "records": 3, "rawBytes": $(stat -c %s records.ndjson), "compressedBytes": $(stat -c %s $part),
            "valueBytes": 15, "base64Values": 1, "recordsWithMetadata": 1, "recordsWithExpiration": 1,
            "earliestExpiration": 1893456000
          },
          "contentDigest": "$(sha256sum < records.ndjson | cut -c 1-64)"
        }
        END
        rm records.ndjson
        LC_ALL=C sha256sum [!S]* > SHA256SUMS
        """#

    @Test(arguments: [
        ("zstd -q records.ndjson -o part-000000.ndjson.zst", 1),
        ("zstd -q < records.ndjson > part-000000.ndjson.zst", 1),
        ("zstd -q --no-check -19 records.ndjson -o part-000000.ndjson.zst", 1),
        ("split -l 1 records.ndjson line.; zstd -q line.*; cat line.*.zst > part-000000.ndjson.zst; rm line.*", 3),
        ("(printf '\\x50\\x2a\\x4d\\x18\\x03\\0\\0\\0abc'; zstd -q < records.ndjson) > part-000000.ndjson.zst", 1),
    ]) func `an archive made by hand is read and verified`(_ compress: String, _ frames: Int) async throws {
        try await withTemporaryFolder { folder in
            let script = Self.byHand.replacing("COMPRESS", with: compress).replacing("FRAMES", with: "\(frames)")
            let made = try bash(script, in: folder)
            #expect(made.status == 0, "\(made.output)")
            let archive = try await Archive.open(path: folder)
            #expect(try await archive.verify().damages == [])
            #expect(try await archive.allLines().map(\.key) == ["a", "b", "c"])
            #expect(try await archive.record(for: "b")?.metadata?.text == "{\"v\":1.0}")
            #expect(try await archive.record(for: "bb") == nil)
        }
    }

    @Test func `a frame that needs more than 128 MiB of window is refused`() async throws {
        try await withTemporaryFolder { folder in
            let compress = "zstd -q --ultra --long=31 --single-thread < records.ndjson > part-000000.ndjson.zst"
            let script = Self.byHand.replacing("COMPRESS", with: compress).replacing("FRAMES", with: "1")
            #expect(try bash(script, in: folder).status == 0)
            let archive = try await Archive.open(path: folder)
            await #expect { try await archive.allLines() } throws: { ArchiveError.Code.malformedFrame ~= $0 }
        }
    }

    /// Stands in for `curl`: answers, keeps the bodies, and fails when the token is among its arguments.
    private static let curl = #"""
        #!/bin/bash
        set -eu
        case "$*" in *s3cret*) exit 9 ;; esac
        [ "$(cat /proc/$PPID/cmdline | tr '\0' ' ' | grep -c s3cret)" = 0 ]
        out= data= headers= url=
        while [ $# -gt 0 ]; do
          case "$1" in
            -o) out=$2; shift ;; --data-binary) data=${2#@}; shift ;; -H) headers=${2#@}; shift ;;
            -X | --retry) shift ;; http*) url=$1 ;;
          esac
          shift
        done
        grep -q '^Authorization: Bearer s3cret$' "$headers"
        echo "$url" >> "$KEEP/urls"
        if [ -n "$data" ]; then cp -- "$data" "$KEEP/body.$(ls "$KEEP" | wc -l)"; fi
        case "$url" in
          */bulk) usual='{"success":true,"result":{"successful_key_count":1,"unsuccessful_keys":[]}}' ;;
          *) usual='{"success":true,"result":[],"result_info":{"cursor":""}}' ;;
        esac
        printf %s "${ANSWER:-$usual}" > "$out"
        """#

    /// Runs `RESTORE.txt` with the stand-in and gives what was sent.
    private func restore(
        _ lines: [RecordLine], _ environment: [String: String] = [:]
    ) async throws -> (CommandResult, bodies: [String], urls: [String]) {
        try await withTemporaryFolder { folder in
            try await write(
                lines, in: FolderVault(path: folder), at: "ns/a", options: .small(frame: 4000, part: 1 << 20))
            try FileManager.default.createDirectory(atPath: folder + "/bin", withIntermediateDirectories: true)
            try FileManager.default.createDirectory(atPath: folder + "/kept", withIntermediateDirectories: true)
            try Data(Self.curl.utf8).write(to: URL(filePath: folder + "/bin/curl"))
            _ = try bash("chmod +x bin/curl", in: folder)
            var variables = [
                "PATH": folder + "/bin:/usr/bin:/bin", "KEEP": folder + "/kept", "CLOUDFLARE_ACCOUNT_ID": "acc",
                "CLOUDFLARE_API_TOKEN": "s3cret", "NAMESPACE_ID": "ns1",
            ]
            variables.merge(environment) { $1 }
            let result = try bash("bash ns/a/RESTORE.txt", in: folder, environment: variables)
            let kept = try FileManager.default.contentsOfDirectory(atPath: folder + "/kept").sorted()
            let bodies = try kept.filter { $0.hasPrefix("body") }.map {
                try String(contentsOf: URL(filePath: folder + "/kept/" + $0), encoding: .utf8)
            }
            let urls = (try? String(contentsOf: URL(filePath: folder + "/kept/urls"), encoding: .utf8)) ?? ""
            return (result, bodies, urls.split(separator: "\n").map(String.init))
        }
    }

    @Test func `the recipe sends every byte of the records that last`() async throws {
        let now = Int64(Date().timeIntervalSince1970)
        var lines = Generate.lines(200, seed: 3).map(\.record)
        for index in lines.indices { lines[index].expiration = nil }
        lines[10].expiration = UnixTime(seconds: now + 60)
        lines[20].expiration = UnixTime(seconds: now + 3600)
        lines[30].expiration = UnixTime(seconds: 1)
        let (result, bodies, urls) = try await restore(lines.map { RecordLine($0) })
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("restored 198 records, left out 2 "))
        var expected = lines
        expected.remove(at: 30)
        expected.remove(at: 10)
        let array =
            "[" + expected.map { String(decoding: RecordLine($0).text, as: UTF8.self) }.joined(separator: ",") + "\n]"
        let isEveryByteThere = bodies == [array]
        #expect(isEveryByteThere)
        let base = "https://api.cloudflare.com/client/v4/accounts/acc/storage/kv/namespaces/ns1"
        #expect(urls == [base + "/keys?limit=10", base + "/bulk"])
    }

    @Test func `the recipe sends no more than ten thousand records at once`() async throws {
        let lines = (0..<20_001).map { RecordLine(KVRecord(key: KVKey(String(100_000 + $0)), text: "v")) }
        let (result, bodies, _) = try await restore(lines, ["CLOUDFLARE_API_BASE_URL": "http://localhost:1/"])
        #expect(result.status == 0, "\(result.output)")
        let sizes = bodies.map { body in body.split(separator: "\"key\"").count - 1 }
        #expect(sizes.max() == 10_000)
        #expect(sizes.reduce(0, +) == 20_001)
    }

    @Test(arguments: [
        (["ANSWER": #"{"success":false,"errors":[{"code":10000}]}"#], "10000"),
        (["ANSWER": #"{"success":true,"result":[{"name":"x"}],"result_info":{"cursor":""}}"#], "not empty"),
        (["ANSWER": #"{"success":true,"result":[],"result_info":{"cursor":"more"}}"#], "not empty"),
        (["CLOUDFLARE_API_TOKEN": ""], "CLOUDFLARE_API_TOKEN"),
    ]) func `the recipe stops where something is wrong`(_ variables: [String: String], _ words: String) async throws {
        let (result, bodies, _) = try await restore(lines("a"), variables)
        #expect(result.status != 0)
        #expect(result.output.contains(words), "\(result.output)")
        #expect(bodies.isEmpty)
    }

    @Test func `the recipe of an empty archive writes nothing`() async throws {
        let (result, bodies, _) = try await restore([])
        #expect(result.status == 0, "\(result.output)")
        #expect(bodies.isEmpty)
    }

    @Test func `a title cannot become a command`() async throws {
        var provenance = ArchiveProvenance.fixed
        provenance.source.namespaceTitle = "x\nfalse; exit 77\r\u{85}\u{2028}`id`$(id)"
        let vault = MemoryVault()
        try await write(lines("a"), in: vault, at: "a", provenance: provenance)
        let text = String(decoding: vault.files["a/RESTORE.txt"] ?? [], as: UTF8.self)
        let commands = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(commands.first == "records=1")
        #expect(commands.allSatisfy { !$0.contains("exit 77") })
    }
}
