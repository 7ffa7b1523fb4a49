import CommandArguments
import KVTransfer

/// Which keys are looked at, by what they look like.
struct FilterOptions: ParsableArguments {
    static let helpSection: String? = "Which records"

    @Option(help: "Only keys that start with this.")
    var prefix = ""

    @Option(
        help: ArgumentHelp(
            "Only keys that match as a whole: * is any run of characters, ? one, [a-z] one of a class, [!a-z] one not "
                + "in it, and a backslash takes the meaning from the next. Given again, one of them is enough.",
            valueName: "pattern"),
        transform: Self.glob)
    var match: [KeyGlob] = []

    @Option(
        help: ArgumentHelp("Not the keys that match; can be given again.", valueName: "pattern"), transform: Self.glob)
    var exclude: [KeyGlob] = []

    /// The selection.
    var selection: KeySelection {
        var selection = KeySelection()
        selection.prefix = KVKey(prefix)
        selection.matching = match
        selection.excluding = exclude
        return selection
    }

    @Sendable private static func glob(_ pattern: String) throws -> KeyGlob {
        do throws(KeyGlob.Fault) {
            return try KeyGlob(pattern)
        } catch {
            throw ValidationError("\(error) in the pattern \(KVKey(pattern))")
        }
    }
}
