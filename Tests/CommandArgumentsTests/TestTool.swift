import CommandArguments

/// A tool that has a command for each way to declare something.
enum TestTool {
    enum Form: String, CaseIterable, ExpressibleByArgument {
        case plain
        case pretty = "pretty-print"
    }

    /// Too many to stand in a usage line.
    enum Colour: String, CaseIterable, ExpressibleByArgument {
        case red, orange, yellow, green, blue, violet
    }

    /// A type that reads its words itself.
    struct Share: ExpressibleByArgument, Equatable {
        let percent: Double

        init?(argument: String) {
            guard argument.hasSuffix("%"), let percent = Double(argument.dropLast()) else { return nil }
            self.percent = percent
        }
    }

    struct Inner: ParsableArguments {
        @Option(help: "Inside two groups.") var inner: Int64?
    }

    struct Shared: ParsableArguments {
        static let helpSection: String? = "What is shared"

        @Option(help: "A number.") var number: Int?
        @Flag(name: .shortAndLong, help: "Say less.") var quiet = false
        @Flag(name: .shortAndLong, help: "Say more.") var verbose = false
        @OptionGroup var group: Inner

        func validate() throws {
            if number == 13 { throw ValidationError("13 is no number for us") }
        }
    }

    struct Work: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "work", abstract: "Works.",
            discussion: """
                Does it all, in a sentence that is long enough to be wrapped on any terminal that a person would use for work, and then some.

                  tool work a
                  tool work 'b' -- -c    # an example that is longer than forty columns
                .hidden-file's \\line
                """)

        @Argument(help: "The first.") var first: String
        @Argument(help: "The second.") var second: Int?
        @Argument(help: "The others.", completion: .files) var others: [String] = []
        @OptionGroup var shared: Shared
        @Option(name: .customLong("define"), help: "Definitions.") var defines: [String] = ["x"]
        @Option(
            help: "A level.",
            transform: { text in
                guard let level = Int(text) else { throw ValidationError("levels are numbers") }
                return level * 2
            }) var level = 6
        @Option(help: "The form.") var form = Form.plain
        @Option(help: "The colour.") var colour: Colour?
        @Option(help: "Made.", transform: { Array($0) }) var letters: [Character]?
        @Option(
            help: ArgumentHelp("Given again, all count.", valueName: "word"), transform: { $0.uppercased() })
        var loud: [String] = []
        @Option(name: .shortAndLong, help: "A share.") var share: Share?
        @Option(help: "A folder.", completion: .folders) var folder: String?
        @Option(help: .hidden) var secret: UInt64?

        func validate() throws {
            if share?.percent == 0 { throw ValidationError("--share of nothing") }
        }

        func run() async throws {}
    }

    struct Need: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "need", abstract: "Needs.")

        @Option(help: "Where.", completion: .folders) var to: String
        @Option(help: "Who.") var who: [String]
        @Argument(help: "What.") var what: [Int]

        func run() async throws { throw ValidationError("too late") }
    }

    struct Nest: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "nest", abstract: "Nests; with more to say.", subcommands: [Need.self])
    }

    struct Tool: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "tool", abstract: "Tools.", version: "1.2",
            groupedSubcommands: [
                CommandGroup(name: "Doing", subcommands: [Work.self]),
                CommandGroup(name: "Nesting", subcommands: [Nest.self]),
            ])
    }
}

extension TestTool {
    /// The command `work` with what words give it.
    static func work(_ words: String...) throws -> Work { try command(["work"] + words) }

    /// The command that words name.
    static func command<Command>(_ words: [String]) throws -> Command {
        guard case .command(let invocation) = try Tool.parse(words), let command = invocation.command as? Command
        else { throw ValidationError("\(words) is no \(Command.self)") }
        return command
    }

    /// The text that words ask for.
    static func text(_ words: [String], width: Int = 80) throws -> String {
        guard case .text(let text) = try Tool.parse(words, width: width) else {
            throw ValidationError("\(words) asks for no text")
        }
        return text
    }

    /// What is wrong with words.
    static func message(_ words: String...) -> String { error(words)?.message ?? "nothing" }

    /// The error for words.
    static func error(_ words: [String]) -> UsageError? {
        do throws(UsageError) { _ = try Tool.parse(words) } catch { return error }
        return nil
    }
}
