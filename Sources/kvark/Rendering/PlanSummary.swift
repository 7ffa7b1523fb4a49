import KVTransfer

/// What a job will take, after a dry run of it: for a person in a line, for a program as an object.
struct PlanSummary: Encodable {
    /// The share of the limit that kvark uses of its own accord.
    static let share = 0.9

    let requests: [String: Int]
    let requestsTotal: Int
    let seconds: Double
    let secondsWithHeadRoom: Double
    let operations: [String: Int]
    let dollars: Double
    let freeDays: Int

    init(_ estimate: JobEstimate) {
        let (requests, operations) = (estimate.requests, estimate.operations)
        self.requests = [
            "key-list": requests.lists, "bulk-get": requests.bulkReads, "value-get": requests.singleReads,
            "bulk-write": requests.bulkWrites, "bulk-delete": requests.bulkDeletes,
        ]
        requestsTotal = requests.total
        seconds = estimate.seconds()
        secondsWithHeadRoom = estimate.seconds(share: Self.share)
        self.operations = [
            "reads": operations.reads, "writes": operations.writes, "lists": operations.lists,
            "deletes": operations.deletes,
        ]
        dollars = estimate.dollars
        freeDays = estimate.freeDays
    }

    /// The line for a person.
    ///
    /// - Parameter what: What is done: `writing`.
    /// - Returns: The line.
    func line(_ what: String) -> String {
        let kinds = requests.filter { $0.value > 0 }.sorted { $0.key < $1.key }
            .map { "\(Amounts.count($0.value)) \($0.key)" }.joined(separator: ", ")
        return "\(what) takes \(Amounts.count(requestsTotal, "request"))\(kinds.isEmpty ? "" : " (\(kinds))"): "
            + "\(Amounts.duration(.bounded(seconds: secondsWithHeadRoom))) at nine tenths of the API's limit of 1,200 in five minutes, "
            + "at most $\(Amounts.dollars(dollars)) on the paid plan beyond what a month includes, "
            + "\(Amounts.count(freeDays, "day")) on the free plan"
    }
}
