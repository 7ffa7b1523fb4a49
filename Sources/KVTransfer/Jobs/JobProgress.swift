/// How far a job is, told while it runs.
public struct JobProgress: Hashable, Sendable {
    /// Records done.
    public var records = 0
    /// Bytes of their values done.
    public var valueBytes = 0
    /// Requests sent so far.
    public var requests = 0
    /// How many records there are in all, where that is known before the end.
    public var recordsExpected: Int?

    /// Puts progress together.
    public init(records: Int = 0, valueBytes: Int = 0, requests: Int = 0, recordsExpected: Int? = nil) {
        self.records = records
        self.valueBytes = valueBytes
        self.requests = requests
        self.recordsExpected = recordsExpected
    }
}

/// Receives progress; called from the job's own task, at most once per batch.
public typealias ProgressReceiver = @Sendable (JobProgress) -> Void
