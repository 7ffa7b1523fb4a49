import CommandArguments
import KVTransfer

/// How a namespace is read.
struct ReadingOptions: ParsableArguments {
    static let helpSection: String? = "Reading"

    @Option(
        help: ArgumentHelp(
            "How many reads are in flight at the most. (default: as many as the network needs, up to \(Self.most))",
            valueName: "n"))
    var concurrency: Int?

    private static let most = NamespaceSource.concurrencyDefault.upperBound

    func validate() throws {
        if let concurrency, !(1...Self.most).contains(concurrency) {
            throw ValidationError("--concurrency is a number from 1 to \(Self.most)")
        }
    }

    /// How many reads may be in flight.
    var widths: ClosedRange<Int> { concurrency.map { $0...$0 } ?? NamespaceSource.concurrencyDefault }
}
