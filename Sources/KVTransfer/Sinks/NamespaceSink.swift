import Foundation
import Synchronization

/// Writes records into a live namespace with the fewest requests the API allows.
///
/// Writing is idempotent: a chunk that may or may not have reached the API is sent again.
final class NamespaceSink: Sendable {
    private let client: KVClient
    private let namespace: NamespaceID
    private let expiring: ExpiringRecords
    private let clock: @Sendable () -> UnixTime
    private let refusals = Mutex(0)
    private let size = Mutex(ChunkSize())

    init(
        client: KVClient, namespace: NamespaceID, expiring: ExpiringRecords = .skip,
        clock: @escaping @Sendable () -> UnixTime
    ) {
        self.client = client
        self.namespace = namespace
        self.expiring = expiring
        self.clock = clock
    }

    /// A key that expires sooner than this many seconds from now is not sent: the API wants 60, and refuses the whole
    /// request for one that is late.
    ///
    /// The rest is for the way there and for clocks that differ.
    static let expirationMarginSeconds = KVLimits.expirationMinimumSeconds + 30
    /// How often keys are sent that the API reports as unsuccessful.
    private static let roundsMaximum = 8
    /// So many refused records say that the trouble is not theirs.
    private static let refusalsMaximum = 1_000
    /// How often a large request is sent before a smaller one is tried instead.
    private static let attemptsBeforeHalving = 2

    /// The most pairs to send in one request, as far as recent ones tell.
    var chunkPairs: Int { size.withLock { $0.pairs } }
    /// The largest request to send, in bytes, as far as recent ones tell.
    var chunkBytes: Int { size.withLock { $0.bytes } }

    /// What became of a chunk.
    struct Outcome: Sendable {
        /// Records that the API has taken.
        var written = 0
        /// Bytes of their values.
        var writtenBytes = 0
        /// Keys left out, because they have expired or are about to.
        var expired: [KVKey] = []
        /// Records whose expiration was moved, because it was too soon.
        var extended = 0
        /// Keys that the API did not take, with the reason.
        var holes: [Hole] = []

        mutating func count(_ lines: [RecordLine]) {
            written += lines.count
            writtenBytes += lines.reduce(0) { $0 + $1.valueBytes }
        }

        static func + (one: Self, other: Self) -> Self {
            Self(
                written: one.written + other.written, writtenBytes: one.writtenBytes + other.writtenBytes,
                expired: one.expired + other.expired, extended: one.extended + other.extended,
                holes: one.holes + other.holes)
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

    /// What writing a chunk would come to.
    func rehearse(_ chunk: Chunker.Chunk) -> Outcome {
        let judged = judge(chunk.lines)
        var outcome = Outcome(expired: judged.expired, extended: judged.extended)
        outcome.count(judged.lasting)
        return outcome
    }

    // MARK: Expirations

    /// Lines that can be written now, and what was done about those that expire too soon.
    private struct Judgement {
        var lasting: [RecordLine] = []
        var expired: [KVKey] = []
        var extended = 0
    }

    private func judge(_ lines: [RecordLine]) -> Judgement {
        let earliest = clock() + Self.expirationMarginSeconds
        var judgement = Judgement()
        judgement.lasting.reserveCapacity(lines.count)
        for line in lines {
            if line.expiration.map({ $0 >= earliest }) ?? true {
                judgement.lasting.append(line)
            } else if expiring == .extend {
                var record = line.record
                record.expiration = earliest
                judgement.lasting.append(RecordLine(record))
                judgement.extended += 1
            } else {
                judgement.expired.append(line.key)
            }
        }
        return judgement
    }

    // MARK: Bulk writes

    private func writeBulk(_ lines: [RecordLine]) async throws -> Outcome {
        // Judged when it is sent, not when it was read: a chunk may have waited.
        let judged = judge(lines)
        let lasting = judged.lasting
        let outcome = Outcome(expired: judged.expired, extended: judged.extended)
        guard !lasting.isEmpty else { return outcome }
        do {
            return outcome + (try await send(lasting))
        } catch let error as KVError {
            switch Self.remedy(for: error, lasting) {
            case .halve:
                if Self.mayBeSize(error) || error.code == .tooLarge { size.withLock { $0.shrink(below: lasting) } }
                let middle = lasting.count / 2
                let first = try await writeBulk(Array(lasting[..<middle]))
                return outcome + first + (try await writeBulk(Array(lasting[middle...])))
            case .writeAlone:
                return outcome + (try await writeSingle(lasting[0]))
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
            try await Task.sleep(for: client.options.retryPolicy.firstPause * (1 << round))
            let judged = judge(left)
            outcome.expired += judged.expired
            outcome.extended += judged.extended
            left = judged.lasting
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
        let isLarge = pairs.requestBytes > Self.halvingFloorBytes && lines.count > 1
        let sender = isLarge ? client.limitingAttempts(to: Self.attemptsBeforeHalving) : client
        let report = try await sender.bulkWrite(pairs, in: namespace)
        size.withLock { $0.grow() }
        let unsuccessful = Set(report.unsuccessfulKeys)
        if let stored = report.successfulKeyCount, stored + unsuccessful.count < lines.count {
            // Some are missing and not named: treat none as stored. Writing them again does no harm.
            return Set(lines.map(\.key))
        }
        return unsuccessful
    }

    // MARK: Single writes

    private func writeSingle(_ line: RecordLine) async throws -> Outcome {
        let judged = judge([line])
        var outcome = Outcome(expired: judged.expired, extended: judged.extended)
        guard let lasting = judged.lasting.first else { return outcome }
        do {
            try await client.write(lasting.record, in: namespace)
            outcome.count([lasting])
        } catch let error as KVError where Self.concernsRecords(error) {
            outcome.holes = [try hole(line.key, error)]
        }
        return outcome
    }

    // MARK: What went wrong

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
    private enum Remedy { case halve, writeAlone, leaveOut, giveUp }

    private static func remedy(for error: KVError, _ lines: [RecordLine]) -> Remedy {
        let bytes = lines.reduce(0) { $0 + $1.text.count }
        if concernsRecords(error) {
            // The API refuses a request whole for one of its pairs; halving finds it.
            if lines.count > 1 { return .halve }
            // In a request of its own a value is neither escaped nor in base64.
            return error.code == .tooLarge ? .writeAlone : .leaveOut
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
        [.timedOut, .connectionFailed, .serverFailed, .malformedAnswer].contains(error.code)
    }

    /// A request below this size is not refused for its size.
    private static let halvingFloorBytes = 1 << 20
}
