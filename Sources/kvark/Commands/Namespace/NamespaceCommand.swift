import CommandArguments
import Foundation
import JSONText
import KVTransfer

struct NamespaceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "namespace",
        abstract: "Lists, creates, renames and deletes namespaces.",
        subcommands: [List.self, Get.self, Create.self, Rename.self, Delete.self])

    /// Prints a namespace as a line of text or JSON.
    fileprivate static func print(_ namespace: Namespace, _ output: OutputOptions) throws {
        if output.json {
            try StandardOutput.line(
                "{\"id\":\(JSONString.quoted(namespace.id.rawValue)),\"title\":\(JSONString.quoted(namespace.title))}")
        } else {
            // A title may hold control characters, and is shown whole.
            let shown = VisibleText.escaped(String(JSONString.quoted(namespace.title).dropFirst().dropLast()))
            try StandardOutput.line("\(namespace.id)  \(shown)")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Lists all namespaces of the account: id and title.")

        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let options = try connection.clientOptions(profile: nil, output)
            try await withKVClient(options) { client in
                for namespace in try await client.namespaces() { try NamespaceCommand.print(namespace, output) }
            }
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "get", abstract: "Shows one namespace by its id or title.")

        @Argument(help: "An id, a title or kv://PROFILE/ID-or-TITLE.")
        var namespace: NamespacePlace

        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await namespace.withNamespace(connection, output) { _, namespace in
                try NamespaceCommand.print(namespace, output)
            }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Makes a namespace and prints its id.")

        @Argument(help: "A title that no namespace of the account has, 1 to 512 characters.")
        var title: String

        @Option(
            help: "Where the data must stay: eu, us or fedramp. Cannot be changed later.",
            completion: .words(["eu", "us", "fedramp"]))
        var jurisdiction: String?

        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let options = try connection.clientOptions(profile: nil, output)
            try await withKVClient(options) { client in
                let namespace = try await client.createNamespace(title: title, jurisdiction: jurisdiction)
                try NamespaceCommand.print(namespace, output)
            }
        }
    }

    struct Rename: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rename", abstract: "Gives a namespace another title.")

        @Argument(help: "An id, a title or kv://PROFILE/ID-or-TITLE.")
        var namespace: NamespacePlace

        @Argument(help: "The new title.")
        var title: String

        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await namespace.withNamespace(connection, output) { client, namespace in
                try await client.renameNamespace(namespace.id, to: title)
                try NamespaceCommand.print(Namespace(id: namespace.id, title: title), output)
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete", abstract: "Deletes a namespace with all its keys. There is no way back.")

        @Argument(help: "An id, a title or kv://PROFILE/ID-or-TITLE.")
        var namespace: NamespacePlace

        @Flag(help: "Do it without asking.")
        var yes = false

        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await namespace.withNamespace(connection, output) { client, namespace in
                let question = "delete namespace \(KVKey(namespace.title)) with all its keys? Type its title"
                let isMeant = yes ? true : await Prompt.confirms(question, answer: namespace.title)
                guard isMeant else {
                    throw CommandFailure("nothing was deleted", hint: "--yes deletes without asking")
                }
                try await client.deleteNamespace(namespace.id)
                output.say("deleted namespace \(KVKey(namespace.title)) (\(namespace.id))")
            }
        }
    }
}
