import CommandArguments
import Testing

@Suite struct DeclarationFaultsTests {
    struct Twice: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "twice", abstract: "")
        @Option(help: "One.") var one: [String] = []
        @Flag(name: .customLong("one"), help: "") var other = false
        @Flag(name: .customLong("help"), help: "Help.") var help = false
        @Flag(name: .customLong("é"), help: "Strange.") var strange = false
        @Argument(help: "Many.") var many: [String]
        @Argument(help: "Last.") var last: String
        @Option(help: .hidden) var need: String
        func run() async throws {}
    }

    struct Late: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "help", abstract: "Late.")
        @Argument(help: "Perhaps.") var perhaps: String?
        @Argument(help: "Surely.") var surely: String
        func run() async throws {}
    }

    struct Both: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "both", abstract: "Both.", subcommands: [Late.self, Idle.self, Idle.self])
        @Flag(help: "A flag.") var flag = false
        func run() async throws {}
    }

    /// Writes its own initialiser, in another order.
    struct Turned: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "turned", abstract: "Turned.")
        @Option var one: Int?
        @Option var two: Int?
        init() {
            _two = Option(help: "Two.")
            _one = Option(help: "One.")
        }
        func run() async throws {}
    }

    struct Idle: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "idle", abstract: "Idle.")
    }

    @Test func `good declarations have no faults`() { #expect(TestTool.Tool.declarationFaults().isEmpty) }

    @Test func `faults of names, order and texts are found`() {
        #expect(
            Twice.declarationFaults() == [
                "twice: --one is declared twice", "twice: --help is declared twice",
                "twice: --é cannot be the name of an option", "twice: <many> leaves nothing for <last>",
                "twice: --one has no help", "twice: --need <need> is hidden and required", "twice: it has no help",
            ])
    }

    @Test func `faults of groups are found, and of all below them`() {
        #expect(
            Both.declarationFaults() == [
                "both: 'idle' is the name of two commands", "both: 'help' cannot be the name of a command",
                "both: it has commands and options", "both: it has commands and does something itself",
                "both help: <surely> is required, but <perhaps> before it is not", "both idle: it does nothing",
                "both idle: it does nothing",
            ])
    }

    @Test func `an initialiser in another order is found`() {
        #expect(Turned.declarationFaults() == ["turned: it initialises its properties in another order"])
    }

    @Test func `a value never goes to another property`() async {
        await #expect(processExitsWith: .failure) { _ = try? Turned.parse(["--one", "1", "--two", "2"]) }
    }

    @Test func `a required property cannot be read before the command line is`() async {
        await #expect(processExitsWith: .failure) { _ = Late().surely }
    }
}
