import KVTransfer

/// What came of writing records into a namespace, for a person.
struct ReplaySummary {
    let report: ReplayReport
    let elapsed: Duration

    /// Says it on standard error.
    func say(_ output: OutputOptions) {
        let verb = report.isDryRun ? "would write" : "wrote"
        output.say(
            "\(verb) \(Amounts.count(report.written, "record")) (\(Amounts.bytes(report.writtenBytes)) of values) to "
                + "\(KVKey(report.namespace.title)) with "
                + "\(Amounts.count(report.requests.values.boundedSum, "request")), at least "
                + "\(Amounts.count(report.floor)) needed to write, in \(Amounts.duration(elapsed))")
        if report.kept > 0 { output.say("kept \(Amounts.count(report.kept, "record")) that were there") }
        if report.unchanged > 0 {
            output.say("\(Amounts.count(report.unchanged, "record")) were the same and not written again")
        }
        if report.deleted > 0 {
            output.say("\(report.isDryRun ? "would delete" : "deleted") \(Amounts.count(report.deleted, "key"))")
        }
        if let plan = report.plan {
            output.say(PlanSummary(plan).line("the run itself, on the side that is written to,"))
        }
        if report.retries > 0 { output.say("sent again: \(Amounts.causes(report.retriesByCause))") }
        if report.extended > 0 {
            output.say("\(Amounts.count(report.extended, "record")) got a later expiration, 90 seconds ahead")
        }
        sayExpired(output)
        for hole in report.sourceHoles { StandardError.line("not in \(report.source): \(hole.key): \(hole.reason)") }
        for hole in report.holes { StandardError.line("not written: \(hole.key): \(hole.reason)") }
        if !report.holes.isEmpty { StandardError.line("hint: \(Hints.unwritten)") }
        for hole in report.notDeleted { StandardError.line("not deleted: \(hole.key): \(hole.reason)") }
    }

    private func sayExpired(_ output: OutputOptions) {
        if report.expired == 0 { return }
        output.say(
            "left out \(Amounts.count(report.expired, "record")) because of their expiration, past or within 90 seconds:"
        )
        for key in report.expiredKeys { output.say("  expired: \(key)") }
        let unnamed = report.expired - report.expiredKeys.count
        if unnamed > 0 { output.say("  and \(Amounts.count(unnamed)) more") }
    }
}

extension AccountRun.Outcome {
    /// What came of writing records into one of many namespaces.
    init(_ report: ReplayReport) {
        let counts = [
            (report.written, "written"), (report.kept, "kept"), (report.unchanged, "unchanged"),
            (report.deleted, "deleted"), (report.expired, "expired"),
        ]
        let said = counts.filter { $0.0 > 0 || $0.1 == "written" }.map { "\(Amounts.count($0.0)) \($0.1)" }
        self.init(text: (report.isDryRun ? "dry run: " : "") + said.joined(separator: ", "), isWhole: report.isWhole)
    }
}

/// What came of writing records into a namespace, for a program.
struct ReplayJSON: Encodable {
    let namespace: String
    let namespaceID: String
    let dryRun: Bool
    let written: Int
    let writtenBytes: Int
    let kept: Int
    let unchanged: Int
    let deleted: Int
    let expired: Int
    let extended: Int
    let expiredKeys: [String]
    let holes: [HoleJSON]
    let notDeleted: [HoleJSON]
    let requests: [String: Int]
    let requestFloor: Int
    let retries: Int
    let retriesByCause: [String: Int]
    let runs: Int
    let isWhole: Bool
    let plan: PlanSummary?
    let seconds: Double

    init(_ report: ReplayReport, _ elapsed: Duration) {
        namespace = report.namespace.title
        namespaceID = report.namespace.id.rawValue
        dryRun = report.isDryRun
        written = report.written
        writtenBytes = report.writtenBytes
        kept = report.kept
        unchanged = report.unchanged
        deleted = report.deleted
        expired = report.expired
        extended = report.extended
        expiredKeys = report.expiredKeys.map(\.string)
        holes = report.holes.map(HoleJSON.init)
        notDeleted = report.notDeleted.map(HoleJSON.init)
        requests = report.requests
        requestFloor = report.floor
        retries = report.retries
        retriesByCause = report.retriesByCause
        runs = report.runs
        isWhole = report.isWhole
        plan = report.plan.map { PlanSummary($0) }
        seconds = elapsed.seconds
    }
}
