import CMalloc
package import CommandArguments
import Glibc
import KVTransfer

/// The command `kvark`.
@main
package struct Kvark: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "kvark",
        abstract: "Backs up, restores and compares Cloudflare Workers KV namespaces.",
        discussion: """
            A first round, on a server of your own:

              kvark serve --data ./kv            # in one terminal; prints the lines to export
              kvark namespace create sessions    # in another, after exporting them
              kvark key put sessions user:1 hello
              kvark backup sessions --to ./vault
              kvark verify ./vault/sessions/latest

            Credentials come from the environment: CLOUDFLARE_API_TOKEN (or CLOUDFLARE_API_KEY with \
            CLOUDFLARE_EMAIL), CLOUDFLARE_ACCOUNT_ID and, for servers other than Cloudflare's, \
            CLOUDFLARE_API_BASE_URL. A namespace is named by its id, its title, or kv://PROFILE/ID-or-TITLE, where \
            profile "staging" reads KVARK_STAGING_API_TOKEN, KVARK_STAGING_ACCOUNT_ID and \
            KVARK_STAGING_API_BASE_URL.

            Exit codes: 0 done, 1 failed, 3 finished with holes, 4 differences or damage found, 5 another run holds \
            the vault, 64 wrong usage, 130 or 143 interrupted.
            """,
        version: ToolVersion.number,
        groupedSubcommands: [
            CommandGroup(
                name: "Archives",
                subcommands: [
                    BackupCommand.self, RestoreCommand.self, CopyCommand.self, VerifyCommand.self, DrillCommand.self,
                    DiffCommand.self, ApplyCommand.self, ListCommand.self, ShowCommand.self, GetCommand.self,
                    CatCommand.self, ImportCommand.self, PlanCommand.self,
                ]),
            CommandGroup(
                name: "The API by hand",
                subcommands: [
                    NamespaceCommand.self, KeyCommand.self, BulkCommand.self,
                ]),
            CommandGroup(name: "The embedded server", subcommands: [ServeCommand.self]),
        ]
    )

    package init() {}

    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        // What nobody reads any more is an error of whoever writes it, and not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        keepMemorySmall()
        // A server has many small requests at once, which would wait for each other.
        if arguments.first != ServeCommand.configuration.commandName { shareMemory() }
        await CommandRun(arguments).runAndExit()
    }

    /// Has blocks of a MiB and more go back to the system as soon as they are free.
    ///
    /// Otherwise the C library keeps more and larger ones the more of them it sees: a backup held a third more memory. Of
    /// smaller ones it keeps some: to get the memory for each piece of a file anew took a `verify` a twentieth of its time.
    private static func keepMemorySmall() {
        mallopt(M_MMAP_THRESHOLD, 1 << 20)
        mallopt(M_TRIM_THRESHOLD, 4 << 20)
    }

    /// Has all threads take memory from one place.
    ///
    /// Otherwise each has its own, which keeps what the others could use: a restore held a sixth more memory at times, and
    /// would hold more of it the more processors there are. A backup takes some hundredths longer for it.
    private static func shareMemory() { mallopt(M_ARENA_MAX, 1) }
}

/// What this program calls itself.
enum ToolVersion {
    static let name = "kvark"
    static let number = "0.1.0"
    static var userAgent: String { "\(name)/\(number)" }
    static var archiveTool: Manifest.Tool { Manifest.Tool(name: name, version: number) }
}
