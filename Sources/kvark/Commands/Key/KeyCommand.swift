import CommandArguments
import Foundation
import JSONText
import KVTransfer

struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Lists, reads, writes and deletes single keys.",
        subcommands: [List.self, Get.self, Put.self, Delete.self, Metadata.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "Lists all keys, one JSON object per line: name, expiration, metadata.")

        @Argument(help: "An id, a title or kv://PROFILE/ID-or-TITLE.")
        var namespace: NamespacePlace

        @Option(help: "Only keys that start with this.")
        var prefix = ""

        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await namespace.withNamespace(connection, output) { client, namespace in
                for try await page in client.keyPages(in: namespace.id, prefix: KVKey(prefix)) {
                    var bytes: [UInt8] = []
                    for listed in page.keys { Self.append(listed, to: &bytes) }
                    try StandardOutput.write(bytes)
                }
            }
        }

        private static func append(_ listed: ListedKey, to bytes: inout [UInt8]) {
            bytes += Array("{\"name\":".utf8)
            JSONString.append(listed.key.utf8, to: &bytes)
            if let expiration = listed.expiration { bytes += Array(",\"expiration\":\(expiration)".utf8) }
            if let metadata = listed.metadata { bytes += Array(",\"metadata\":".utf8) + metadata.json }
            bytes += [0x7D, 0x0A]
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "get", abstract: "Prints the exact bytes of a value.")

        @Argument(help: "An id, a title or kv://PROFILE/ID-or-TITLE.")
        var namespace: NamespacePlace

        @Argument(help: "The key.")
        var key: String

        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await namespace.withNamespace(connection, output) { client, namespace in
                guard let value = try await client.value(of: KVKey(key), in: namespace.id) else {
                    throw CommandFailure("namespace \(KVKey(namespace.title)) has no key \(KVKey(key))")
                }
                try StandardOutput.write(value.bytes)
            }
        }
    }

    struct Put: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "put",
            abstract: "Writes a value, with its metadata and expiration.",
            discussion: """
                A write sets all three: without --metadata or an expiration the key has none afterwards.

                  kvark key put sessions user:1 hello --metadata '{"v":1.0}' --ttl 3600
                  kvark key put images logo.png --path logo.png
                  some-command | kvark key put reports today --path -
                """)

        @Argument(help: "An id, a title or kv://PROFILE/ID-or-TITLE.")
        var namespace: NamespacePlace

        @Argument(help: "The key.")
        var key: String

        @Argument(help: "The value, as text.")
        var value: String?

        @Option(
            help: ArgumentHelp("A file that holds the value; - for standard input.", valueName: "file"),
            completion: .files)
        var path: String?

        @Option(help: ArgumentHelp("JSON of at most 1024 bytes.", valueName: "json"))
        var metadata: String?

        @Option(help: ArgumentHelp("When the key goes away, in seconds since 1970.", valueName: "seconds"))
        var expiration: Int64?

        @Option(help: ArgumentHelp("When the key goes away, in seconds from now.", valueName: "seconds"))
        var ttl: Int64?

        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (value == nil) != (path == nil) else { throw ValidationError("give either a value or --path") }
            guard expiration == nil || ttl == nil else { throw ValidationError("give --expiration or --ttl, not both") }
        }

        func run() async throws {
            let bytes = try value.map { Array($0.utf8) } ?? InputFile.read(path ?? "-", upTo: KVLimits.valueBytes)
            let json: KVMetadata?
            do {
                json = try metadata.flatMap { try KVMetadata(json: $0) }
            } catch {
                throw ValidationError("--metadata is not JSON: \(error)")
            }
            let when = ttl.map(Expiration.after) ?? expiration.map { .at(UnixTime(seconds: $0)) }
            try await namespace.withNamespace(connection, output) { client, namespace in
                try await client.write(bytes, to: KVKey(key), in: namespace.id, metadata: json, expiration: when)
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete", abstract: "Deletes a key; one that does not exist counts as deleted.")

        @Argument(help: "An id, a title or kv://PROFILE/ID-or-TITLE.")
        var namespace: NamespacePlace

        @Argument(help: "The key.")
        var key: String

        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await namespace.withNamespace(connection, output) { client, namespace in
                try await client.delete(KVKey(key), in: namespace.id)
            }
        }
    }

    struct Metadata: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "metadata", abstract: "Prints the metadata of a key; null when it has none.")

        @Argument(help: "An id, a title or kv://PROFILE/ID-or-TITLE.")
        var namespace: NamespacePlace

        @Argument(help: "The key.")
        var key: String

        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await namespace.withNamespace(connection, output) { client, namespace in
                let metadata = try await client.metadata(of: KVKey(key), in: namespace.id)
                try StandardOutput.line(metadata?.text ?? "null")
            }
        }
    }
}
