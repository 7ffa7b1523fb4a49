/// How many records there are of a kind, and what their values weigh.
public struct RecordSum: Hashable, Sendable {
    /// The records.
    public private(set) var records = 0
    /// The bytes of their values.
    public private(set) var valueBytes = 0

    /// Nothing yet.
    public init() {}

    /// Adds a record.
    mutating func add(valueBytes bytes: Int) {
        records += 1
        valueBytes += bytes
    }

    /// Adds records that were summed up before.
    mutating func add(_ other: RecordSum) {
        records += other.records
        valueBytes += other.valueBytes
    }
}
