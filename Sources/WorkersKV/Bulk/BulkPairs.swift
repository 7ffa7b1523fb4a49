import JSONText
import KVHTTP

/// The body of a bulk write, put together pair by pair.
///
/// Holds one request: at most 10,000 pairs and 100 MB of JSON (API reference, write multiple key-value pairs).
/// ``RecordLine``s go in as they are, without being decoded.
public struct BulkPairs: Sendable {
    /// The keys, in the order in which they were added.
    public private(set) var keys: [KVKey] = []
    /// The pairs' texts, which are put together only on their way into the connection.
    private var texts: [[UInt8]] = []
    private var textBytes = 0

    /// No pairs yet.
    public init() {}

    /// How many pairs there are.
    public var count: Int { keys.count }

    /// Whether there are no pairs.
    public var isEmpty: Bool { keys.isEmpty }

    /// The length of the request, in bytes.
    public var requestBytes: Int { textBytes + max(2, count + 1) }

    /// Whether a line can be added without the request becoming larger than a limit.
    ///
    /// - Parameters:
    ///   - line: The line.
    ///   - requestLimit: The largest request, in bytes.
    /// - Returns: Whether it fits; the API's own limit on the number of pairs counts too.
    public func fits(_ line: RecordLine, requestLimit: Int = KVLimits.bulkRequestBytes) -> Bool {
        count < KVLimits.bulkWritePairs && requestBytes + line.text.count + 1 <= requestLimit
    }

    /// Adds a record.
    public mutating func append(_ record: KVRecord) { append(RecordLine(record)) }

    /// Adds a record that expires some time after the API has taken it.
    ///
    /// - Parameters:
    ///   - record: The record; its own expiration is not sent.
    ///   - seconds: The time to live, at least 60 seconds.
    public mutating func append(_ record: KVRecord, expiringAfter seconds: Int64) {
        var record = record
        record.expiration = nil
        var text = RecordLine(record).text
        text.removeLast()
        text += Array(",\"expiration_ttl\":\(seconds)}".utf8)
        append(text: text, key: record.key)
    }

    /// Adds a record that is already a line.
    public mutating func append(_ line: RecordLine) { append(text: line.text, key: line.key) }

    private mutating func append(text: [UInt8], key: KVKey) {
        texts.append(text)
        textBytes += text.count
        keys.append(key)
    }

    /// The finished request body: a JSON array.
    var body: HTTPBody { .array(texts) }
}
