import Foundation
import KVTestSupport
import Testing

/// What shells may offer, asked of the command itself.
@Suite struct CompletionTests {
    private func ask(_ words: String) async throws -> [String] {
        let line = words.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        let outcome = try await CommandRunner.run(
            CommandRunner.kvark, ["---complete", "fish", String(line.count), "kvark"] + line)
        #expect(outcome.status == 0 && outcome.errorText.isEmpty)
        return outcome.outputLines.map { String($0.prefix { $0 != "\t" }) }
    }

    @Test(arguments: [
        ("ba", "words"), ("backup n --to ", "folders"), ("list ", "folders"), ("verify ", "folders"),
        ("verify a ", "folders"), ("cat ", "folders"), ("cat a --output ", "files"), ("show a --html=", "files"),
        ("get ", "folders"), ("get a ", "nothing"), ("drill ", "folders"), ("plan ", "folders"), ("diff ", "files"),
        ("diff a ", "files"), ("diff a b --patch ", "files"), ("restore ", "folders"), ("restore a --to ", "nothing"),
        ("apply ", "files"), ("import a ", "files"), ("copy ", "nothing"), ("copy a b --archive ", "folders"),
        ("backup ", "nothing"), ("backup n --prefix ", "nothing"), ("cat a --match=", "nothing"),
        ("cat a --keys-from ", "files"), ("key get ", "nothing"), ("key put n k --path ", "files"),
        ("bulk put n ", "files"), ("bulk get n --keys ", "files"), ("serve --data ", "folders"),
        ("serve --token-file ", "files"), ("key list n --token-file ", "files"), ("backup n --level ", "nothing"),
    ])
    func `places and files are offered as such, and what nobody can know is not`(line: String, kind: String)
        async throws
    {
        #expect(try await ask(line).first == kind)
    }

    @Test func `values of which there are few are offered`() async throws {
        #expect(
            try await ask("cat a --format ") == ["words", "ndjson", "wrangler", "csv", "tsv", "sqlite", "files"])
        #expect(try await ask("restore a --expiration=") == ["words", "keep", "strip", "shift"])
        #expect(try await ask("import f --duplicates ") == ["words", "refuse", "last"])
        #expect(try await ask("copy a b --expiring ") == ["words", "skip", "extend", "fail"])
        #expect(try await ask("namespace create t --jurisdiction ") == ["words", "eu", "us", "fedramp"])
    }

    @Test func `commands and options are offered`() async throws {
        #expect(try await ask("key ") == ["words", "list", "get", "put", "delete", "metadata", "help"])
        let options = try await ask("backup n --to v --match a -")
        #expect(options.contains("--match") && options.contains("--dry-run") && options.contains("-q"))
        #expect(!options.contains("--to"))
    }
}
