import Foundation
import Synchronization

/// Writes records into a live namespace with the fewest requests the API allows.
///
/// Writing is idempotent: a chunk that may or may not have reached the API is sent again.
final class NamespaceSink: Sendable {
    private let client: KVClient
    private let namespace: Namespace
    private let judge: ExpiryJudge
    private let state = Mutex(SinkState())

    init(
        client: KVClient, namespace: Namespace, expiring: ExpiringRecords = .skip,
        clock: @escaping @Sendable () -> UnixTime
    ) {
        self.client = client
        self.namespace = namespace
        judge = ExpiryJudge(expiring: expiring, clock: clock)
    }

    /// How often keys are sent that the API reports as unsuccessful.
    private static let roundsMaximum = 8
    /// How often a large request is sent before a smaller one is tried instead.
    private static let attemptsBeforeHalving = 2

    /// How large a request may be, as far as recent ones tell.
    var size: ChunkSize { state.withLock(\.size) }
    /// Whether something of what was sent may be in the namespace.
    var mayHaveWritten: Bool { state.withLock(\.mayHaveWritten) }

    /// Part of a chunk, sent as one request.
    struct Piece {
        /// The lines as the archive has them; their expirations are judged when they are sent.
        var lines: [RecordLine]
        /// Whether the only line goes as a single PUT.
        var isAlone = false
        /// How often it was sent again as it is.
        var repetitions = 0
    }

    /// Sends a chunk, in pieces where it is too much for one request or holds what the API refuses.
    ///
    /// - Returns: How far it got; with an error when the API refuses more than single keys or cannot be reached, or the
    ///   task was cancelled. What was sent before stays.
    func write(_ chunk: Chunker.Chunk) async -> WrittenChunk {
        var written = WrittenChunk()
        // The next piece to send is the last one.
        var pieces = [Piece(lines: chunk.lines, isAlone: chunk.isSingle)]
        do {
            while let piece = pieces.popLast() {
                switch try await attempt(piece) {
                case .done(let outcome): written.add(outcome, through: piece.lines.last?.key)
                case .pieces(let smaller): pieces += smaller.reversed()
                }
            }
            written.finish(through: chunk.lines.last?.key)
        } catch {
            written.fail(error)
        }
        return written
    }

    /// What writing a chunk would come to.
    func rehearse(_ chunk: Chunker.Chunk) -> WrittenChunk {
        let judged = judge.judge(chunk.lines)
        var outcome = judge.outcome(ofExpired: judged.expired)
        outcome.extended = judged.extended.count
        for line in judged.lasting { outcome.count(line) }
        var written = WrittenChunk()
        written.add(outcome, through: chunk.lines.last?.key)
        written.finish(through: chunk.lines.last?.key)
        return written
    }

    // MARK: Pieces

    /// What comes of sending a piece.
    private enum Step {
        case done(WriteOutcome)
        /// It has to be sent in another way, which may be the same once more.
        case pieces([Piece])
    }

    private func attempt(_ piece: Piece) async throws -> Step {
        // What was cut before the size was learned is cut now, rather than by another failure.
        let fitting = size.fitting(piece.lines)
        guard fitting == piece.lines.count else { return .pieces(Self.cut(piece.lines, at: fitting)) }
        let judged = judge.judge(piece.lines)
        do {
            return .done(piece.isAlone ? try await writeAlone(judged) : try await writeTogether(piece.lines))
        } catch let error as KVError {
            return try await step(after: error, piece, judged)
        }
    }

    private static func cut(_ lines: [RecordLine], at index: Int) -> [Piece] {
        [Piece(lines: Array(lines[..<index])), Piece(lines: Array(lines[index...]))]
    }

    private func step(after error: KVError, _ piece: Piece, _ judged: ExpiryJudge.Judgement) async throws -> Step {
        switch remedy(for: error, piece, judged) {
        case .halve:
            if error.teachesSize { state.withLock { $0.size.shrink(failed: .init(judged.lasting)) } }
            return .pieces(Self.cut(piece.lines, at: piece.lines.count / 2))
        case .writeAlone: return .pieces([Piece(lines: piece.lines, isAlone: true)])
        case .leaveOut:
            return .done(WriteOutcome(holes: try piece.lines.map { try hole($0.key, error) }))
        case .sendAgain(let pause):
            try await Task.sleep(for: pause)
            return .pieces([Piece(lines: piece.lines, isAlone: piece.isAlone, repetitions: piece.repetitions + 1)])
        case .giveUp: throw error
        }
    }

    // MARK: Remedies

    /// What to do about a piece that was not taken.
    private enum Remedy {
        case halve, writeAlone, leaveOut, sendAgain(after: Duration), giveUp
    }

    /// How often a piece is sent again because records in it expired on the way.
    private static let judgementsMaximum = 3
    /// How often a piece is sent again because the API does not know the namespace yet, which takes it a second or so.
    private static let lookupsMaximum = 12

    private func remedy(for error: KVError, _ piece: Piece, _ judged: ExpiryJudge.Judgement) -> Remedy {
        let canBeHalved = piece.lines.count > 1
        switch error.code {
        case .namespaceNotFound where piece.repetitions < Self.lookupsMaximum && !state.withLock(\.hasWritten):
            return .sendAgain(after: client.options.retryPolicy.firstPause)
        case .invalidExpiration
        where piece.repetitions < Self.judgementsMaximum && judge.judge(piece.lines) != judged:
            return .sendAgain(after: .zero)
        case .dailyQuotaUsed:
            // A smaller request may use what is left of the quota.
            return canBeHalved ? .halve : .giveUp
        default: break
        }
        if error.concernsRecords {
            // The API refuses a request whole for one of its pairs; halving finds it.
            if canBeHalved { return .halve }
            // In a request of its own a value is neither escaped nor in base64.
            return error.code == .tooLarge && !piece.isAlone ? .writeAlone : .leaveOut
        }
        return error.mayBeSize && ChunkSize.Extent(judged.lasting).isLarge ? .halve : .giveUp
    }

    /// A record that the API refuses, as a hole; after too many of them, the error itself.
    private func hole(_ key: KVKey, _ error: KVError) throws -> Hole {
        guard state.withLock({ $0.canRefuse(isUnspecific: error.code == .refused) }) else { throw error }
        return Hole(key: key, reason: error.description)
    }

    /// Sends a write, and remembers what it may have left behind.
    private func send<Result>(_ request: () async throws -> Result) async throws -> Result {
        do {
            let result = try await request()
            state.withLock { $0.mayHaveWritten = true }
            return result
        } catch {
            if (error as? KVError)?.hasChangedNothing != true { state.withLock { $0.mayHaveWritten = true } }
            throw error
        }
    }
}

// MARK: - Requests

extension NamespaceSink {
    /// Sends lines in a bulk write, and sends those again that the API says it did not store.
    private func writeTogether(_ lines: [RecordLine]) async throws -> WriteOutcome {
        var left = lines
        var outcome = WriteOutcome()
        for round in 1...Self.roundsMaximum {
            // Judged when they are sent, not when they were read: they may have waited.
            let judged = judge.judge(left)
            outcome.add(judge.outcome(ofExpired: judged.expired))
            if judged.lasting.isEmpty { return outcome }
            let unsuccessful = try await bulkWrite(judged.lasting)
            for line in judged.lasting where !unsuccessful.contains(line.key) { outcome.count(line) }
            outcome.extended += judged.extended.subtracting(unsuccessful).count
            left = left.filter { unsuccessful.contains($0.key) }
            if left.isEmpty { return outcome }
            // A moment for the storage to recover; the request itself was a success, so nothing says how long.
            if round < Self.roundsMaximum {
                try await Task.sleep(for: client.options.retryPolicy.pause(afterRound: round))
            }
        }
        outcome.holes += try unstored(left)
        return outcome
    }

    /// Records that the API reports as unsuccessful again and again, as holes.
    private func unstored(_ lines: [RecordLine]) throws -> [Hole] {
        for line in lines where !state.withLock({ $0.canRefuse(isUnspecific: false) }) {
            throw KVError(
                .serverFailed,
                "the API does not store what it is sent: it reports key \(line.key) and more than "
                    + "\(SinkState.refusalsMaximum) others as unsuccessful")
        }
        return lines.map {
            Hole(key: $0.key, reason: "the API does not count it among those it has stored, however often it was sent")
        }
    }

    /// Sends lines once; the keys that are to be sent again.
    private func bulkWrite(_ lines: [RecordLine]) async throws -> Set<KVKey> {
        var pairs = BulkPairs()
        for line in lines { pairs.append(line) }
        let extent = ChunkSize.Extent(lines)
        let sender = sender(for: extent)
        let body = pairs
        let report = try await send { try await sender.bulkWrite(body, in: namespace.id) }
        let unsuccessful = report.unsuccessfulKeys(of: lines.map(\.key))
        state.withLock { state in
            state.size.grow(taken: extent)
            if unsuccessful.count < lines.count { state.noteSuccess() }
        }
        return unsuccessful
    }

    /// A client that gives up a request early if a smaller one may succeed in its place.
    private func sender(for extent: ChunkSize.Extent) -> KVClient {
        let sender = extent.isLarge ? client.limitingAttempts(to: Self.attemptsBeforeHalving) : client
        return extent.pairs > 1 ? sender.notWaitingForDailyQuota : sender
    }

    /// Sends a line as a single PUT.
    private func writeAlone(_ judged: ExpiryJudge.Judgement) async throws -> WriteOutcome {
        var outcome = judge.outcome(ofExpired: judged.expired)
        for line in judged.lasting {
            if namespace.supportsURLEncoding == false, PercentEncoding.encode(line.key.utf8) != line.key.string {
                outcome.holes.append(Hole(key: line.key, reason: Self.needsURLEncoding))
                continue
            }
            try await send { try await client.write(line.record, in: namespace.id) }
            state.withLock { $0.noteSuccess() }
            outcome.count(line)
            outcome.extended += judged.extended.count
        }
        return outcome
    }

    private static let needsURLEncoding =
        "it is too large for a bulk write, and this old namespace would store the key of a single one with the "
        + "percent-encoding of its path"
}
