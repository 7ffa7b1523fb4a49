import Foundation
import Synchronization

/// Writes records into a live namespace with the fewest requests the API allows.
///
/// Writing is idempotent: a chunk that may or may not have reached the API is sent again.
final class NamespaceSink: Sendable {
    private let client: KVClient
    private let namespace: NamespaceID
    private let clock: @Sendable () -> UnixTime
    private let refusals = Mutex(0)

    init(client: KVClient, namespace: NamespaceID, clock: @escaping @Sendable () -> UnixTime) {
        self.client = client
        self.namespace = namespace
        self.clock = clock
    }

    /// A key that expires sooner than this many seconds from now is not sent: the API wants 60, and refuses the whole
    /// request for one that is late.
    ///
    /// The rest is for the way there and for clocks that differ.
    static let expirationMarginSeconds = KVLimits.expirationMinimumSeconds + 30
    /// How often keys are sent that the API reports as unsuccessful.
    private static let roundsMaximum = 5

    /// So many refused records say that the trouble is not theirs.
    private static let refusalsMaximum = 1_000

    /// What became of a chunk.
    struct Outcome: Sendable {
        /// Records that the API has taken.
        var written = 0
        /// Bytes of their values.
        var writtenBytes = 0
        /// Keys left out, because they have expired or are about to.
        var expired: [KVKey] = []
        /// Keys that the API did not take, with the reason.
        var holes: [Hole] = []

        mutating func count(_ lines: [RecordLine]) {
            written += lines.count
            writtenBytes += lines.reduce(0) { $0 + $1.valueBytes }
        }

        static func + (one: Self, other: Self) -> Self {
            Self(
                written: one.written + other.written, writtenBytes: one.writtenBytes + other.writtenBytes,
                expired: one.expired + other.expired, holes: one.holes + other.holes)
        }
    }

    /// Sends a chunk.
    ///
    /// - Throws: ``KVError`` when the API refuses more than single keys; `CancellationError`. What was sent before stays.
    func write(_ chunk: Chunker.Chunk) async throws -> Outcome {
        switch chunk {
        case .bulk(let lines): try await writeBulk(lines)
        case .single(let line): try await writeSingle(line)
        }
    }

    /// Tells lines that can still be written from those that expire too soon.
    func judge(_ lines: [RecordLine]) -> (lasting: [RecordLine], expired: [KVKey]) {
        let earliest = clock() + Self.expirationMarginSeconds
        var lasting: [RecordLine] = []
        var expired: [KVKey] = []
        for line in lines {
            if let expiration = line.expiration, expiration < earliest {
                expired.append(line.key)
            } else {
                lasting.append(line)
            }
        }
        return (lasting, expired)
    }

    private func writeBulk(_ lines: [RecordLine]) async throws -> Outcome {
        // Judged when it is sent, not when it was read: a chunk may have waited.
        let (lasting, expired) = judge(lines)
        let outcome = Outcome(expired: expired)
        guard !lasting.isEmpty else { return outcome }
        do {
            return outcome + (try await send(lasting))
        } catch let error as KVError {
            switch Self.remedy(for: error, lasting) {
            case .halve:
                let middle = lasting.count / 2
                let first = try await writeBulk(Array(lasting[..<middle]))
                return outcome + first + (try await writeBulk(Array(lasting[middle...])))
            case .leaveOut:
                return outcome + Outcome(holes: [try hole(lasting[0].key, error)])
            case .giveUp:
                throw error
            }
        }
    }

    /// Sends lines that are all fit to be sent, and sends those again that the API says it did not store.
    private func send(_ lines: [RecordLine]) async throws -> Outcome {
        var left = lines
        var outcome = Outcome()
        var round = 1
        while true {
            let unsuccessful = try await sendOnce(left)
            outcome.count(left.filter { !unsuccessful.contains($0.key) })
            left = left.filter { unsuccessful.contains($0.key) }
            guard !left.isEmpty, round < Self.roundsMaximum else { break }
            // A moment for the storage to recover; the request itself was a success, so nothing says how long.
            try await Task.sleep(for: .milliseconds(250 * (1 << round)))
            let (lasting, expired) = judge(left)
            outcome.expired += expired
            left = lasting
            if left.isEmpty { break }
            round += 1
        }
        outcome.holes += left.map { Hole(key: $0.key, reason: "the API did not store it (unsuccessful_keys)") }
        return outcome
    }

    /// Sends lines once; the keys that the API names as not stored.
    private func sendOnce(_ lines: [RecordLine]) async throws -> Set<KVKey> {
        var pairs = BulkPairs()
        for line in lines { pairs.append(line) }
        let report = try await client.bulkWrite(pairs, in: namespace)
        let unsuccessful = Set(report.unsuccessfulKeys)
        if let stored = report.successfulKeyCount, stored + unsuccessful.count < lines.count {
            // Some are missing and not named: treat none as stored. Writing them again does no harm.
            return Set(lines.map(\.key))
        }
        return unsuccessful
    }

    private func writeSingle(_ line: RecordLine) async throws -> Outcome {
        guard !judge([line]).lasting.isEmpty else { return Outcome(expired: [line.key]) }
        var outcome = Outcome()
        do {
            try await client.write(line.record, in: namespace)
            outcome.count([line])
        } catch let error as KVError where Self.concernsRecords(error) {
            outcome.holes = [try hole(line.key, error)]
        }
        return outcome
    }

    /// A record that the API refuses, as a hole; after so many of them, the error itself.
    private func hole(_ key: KVKey, _ error: KVError) throws -> Hole {
        let count = refusals.withLock { count in
            count += 1
            return count
        }
        guard count <= Self.refusalsMaximum else { throw error }
        return Hole(key: key, reason: error.description)
    }

    /// What to do about a chunk that was not taken.
    private enum Remedy { case halve, leaveOut, giveUp }

    private static func remedy(for error: KVError, _ lines: [RecordLine]) -> Remedy {
        let bytes = lines.reduce(0) { $0 + $1.text.count }
        if concernsRecords(error) {
            // The API refuses a request whole for one of its pairs; halving finds it.
            return lines.count > 1 ? .halve : .leaveOut
        }
        if mayBeSize(error), lines.count > 1, bytes > halvingFloorBytes { return .halve }
        return .giveUp
    }

    /// Whether an error says something of what was sent rather than of the connection, the credentials or the namespace.
    private static func concernsRecords(_ error: KVError) -> Bool {
        switch error.code {
        case .tooLarge, .invalidKey, .invalidMetadata, .invalidExpiration: true
        case .refused: error.reply?.status == 400
        default: false
        }
    }

    /// Whether a smaller request may succeed where this one did not.
    ///
    /// The answer 413 is often lost when the server closes the connection before it has read the whole body, gateways time
    /// out on large requests (524), and slow links on large bodies.
    private static func mayBeSize(_ error: KVError) -> Bool {
        [.timedOut, .connectionFailed, .serverFailed].contains(error.code)
    }

    /// A request below this size is not refused for its size.
    private static let halvingFloorBytes = 1 << 20
}
