import ArgumentParser
import KVTransfer

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Says what jobs will cost before they start: requests, minutes, dollars, days on the free plan.",
        discussion: """
            Knows how much there is from an archive, from a number of keys, from the account's analytics, which are \
            some hours old and want a token with the permission Account Analytics Read, or from a list of the namespace's \
            keys (--count), which itself takes a request for a thousand keys. Reads and writes nothing else.

              kvark plan ./vault/sessions/latest
              kvark plan --keys 2500000 --value-bytes 800 --not-text 1%
              kvark plan sessions                                # as the analytics say
              kvark plan sessions --count
            """)

    @Argument(help: "An archive or a namespace.")
    var place: RecordPlace?

    @Option(help: ArgumentHelp("How many keys there are.", valueName: "n"))
    var keys: Int?

    @Option(help: ArgumentHelp("With --keys or --count: how large values are on average, in bytes.", valueName: "n"))
    var valueBytes = 1_000

    @Option(help: ArgumentHelp("How many of the values are not text; an archive knows.", valueName: "percent"))
    var notText: Share?

    @Flag(help: "List the namespace to count its keys, instead of asking the analytics.")
    var count = false

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    /// More than any namespace has, and few enough that nothing overflows.
    private static let keysMaximum = 100_000_000_000

    func validate() throws {
        guard (place == nil) != (keys == nil) else {
            throw ValidationError("name an archive or a namespace, or say with --keys how many keys there are")
        }
        if let keys, !(0...Self.keysMaximum).contains(keys) {
            throw ValidationError("--keys is a number from 0 to \(Amounts.count(Self.keysMaximum))")
        }
        guard (0...KVLimits.valueBytes).contains(valueBytes) else {
            throw ValidationError("--value-bytes is a number from 0 to \(Amounts.count(KVLimits.valueBytes))")
        }
        if count, place == nil { throw ValidationError("--count counts the keys of a namespace; name one") }
    }

    func run() async throws {
        let (size, origin) = try await size()
        let plan = Plan(size)
        if output.json { return try JSONOutput.write(PlanJSON(plan, origin)) }
        for line in plan.lines(origin) { try StandardOutput.line(line) }
    }

    /// How much there is, and how that is known.
    private func size() async throws -> (JobSize, String) {
        if let keys { return (assumed(keys), "as you say") }
        guard let place else { throw ValidationError("name an archive or a namespace") }
        let opened = try await place.open()
        if let archive = opened.archive {
            let totals = archive.manifest.totals
            let size = JobSize(
                keys: totals.records, notText: totals.base64Values, valueBytes: totals.valueBytes)
            return (size, "as \(archive.place) has them")
        }
        guard count else { return try await measured(opened) }
        return try await place.withSource(
            opened, hints: nil, KeySelection(), depth: .keys, connection, output
        ) { source in
            var keys = 0
            try await source.forEachBatch { keys += $0.count }
            return (assumed(keys), "as the list says")
        }
    }

    /// How much a namespace holds, as the analytics have it.
    private func measured(_ opened: RecordPlace.Opened) async throws -> (JobSize, String) {
        guard case .namespace(let place) = opened else { throw unknown("only an archive says how many it has") }
        return try await place.withNamespace(connection, output) { client, namespace in
            let metrics: StorageMetrics?
            do {
                // Not worth the patience that a job has: there are other ways to know.
                metrics = try await client.limitingAttempts(to: 2).storageMetrics(of: namespace.id)
            } catch KVError.Code.routeNotFound {
                throw unknown("the server at \(client.options.baseURL) has no analytics")
            } catch let error as KVError {
                throw unknown(Hints.describe(error))
            }
            guard let metrics else { throw unknown("the analytics of the last days have nothing of it") }
            return (assumed(metrics.keys, bytes: metrics.bytes), "as the analytics of \(metrics.date) say")
        }
    }

    private func unknown(_ reason: String) -> CommandFailure {
        let name = place.map { "\($0)" } ?? ""
        return CommandFailure(
            "how many keys \(name) has is not known: \(reason)",
            hint:
                "--count lists them, --keys says how many there are; the analytics of the account, where there are some, "
                + "want the permission Account Analytics Read")
    }

    private func assumed(_ keys: Int, bytes: Int? = nil) -> JobSize {
        JobSize(
            keys: keys, notText: Int(bounded: (Double(keys) * (notText?.value ?? 0)).rounded()),
            valueBytes: bytes ?? keys.multipliedBounded(by: valueBytes))
    }
}

/// The jobs that there are to choose from, and what each takes.
private struct Plan {
    let size: JobSize
    let jobs: [(name: String, estimate: JobEstimate)]

    init(_ size: JobSize) {
        self.size = size
        let (read, write, list) = (JobEstimate.reading(size), JobEstimate.writing(size), JobEstimate.listing(size))
        jobs = [
            ("backup", read), ("restore", write), ("copy", read + write),
            ("copy --mirror", list + list + list + read + write),
            ("diff --quick", list),
        ]
    }

    func lines(_ origin: String) -> [String] {
        let head = [
            "\(Amounts.count(size.keys, "key")) (\(Amounts.count(size.notText)) not text, "
                + "\(Amounts.bytes(size.valueBytes)) of values), \(origin)",
            "", Self.row("", "requests", "time", "with head-room", "paid plan", "free plan"),
        ]
        let rows = jobs.map { job in
            Self.row(
                job.name, Amounts.count(job.estimate.requests.total),
                Amounts.duration(.bounded(seconds: job.estimate.seconds())),
                Amounts.duration(.bounded(seconds: job.estimate.seconds(share: PlanSummary.share))),
                "$" + Amounts.dollars(job.estimate.dollars), Amounts.count(job.estimate.freeDays, "day"))
        }
        return head + rows + ["", "Assumed:"] + Self.assumptions.map { "  " + $0 }
    }

    private static func row(_ columns: String...) -> String {
        let widths = [14, 14, 12, 16, 14, 12]
        return zip(columns, widths).enumerated().map { index, column in
            let padding = String(repeating: " ", count: max(1, column.1 - column.0.count))
            return index == 0 ? column.0 + padding : padding + column.0
        }.joined()
    }

    static let assumptions = [
        "the limit is 1,200 requests in five minutes, for all that the account's user runs; head-room leaves a tenth of it",
        "a list has 1,000 keys, a bulk read 100 keys or 25 MiB, a bulk write 10,000 pairs or 95 MB",
        "values that are not text are read one by one; which they are is known from an earlier archive (a first backup "
            + "looks for them, about ten requests for a hundred keys if one in a hundred is not text)",
        "prices once what is included in a month is used up: $0.50 for a million reads, $5 for a million writes or lists; "
            + "each key of a bulk request is a read or a write",
        "the free plan allows 100,000 reads, 1,000 writes and 1,000 lists a day",
        "--differential reads the target too, and writes only what differs; a copy between two accounts takes its reads of "
            + "one and its writes of the other; a mirror lists the source twice and the target once besides, and its "
            + "deletions are not known before",
    ]
}

private struct PlanJSON: Encodable {
    struct Job: Encodable { let job: String }

    let keys: Int
    let notText: Int
    let valueBytes: Int
    let known: String
    let jobs: [JoinedJSON<PlanSummary, Job>]
    let assumptions: [String]

    init(_ plan: Plan, _ origin: String) {
        keys = plan.size.keys
        notText = plan.size.notText
        valueBytes = plan.size.valueBytes
        known = origin
        assumptions = Plan.assumptions
        jobs = plan.jobs.map { JoinedJSON(PlanSummary($0.estimate), Job(job: $0.name)) }
    }
}
