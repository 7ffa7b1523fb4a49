import Foundation

/// Compares two sources record by record: value bytes, metadata text and expiration.
public struct DiffJob: Sendable {
    private let first: any RecordSource
    private let second: any RecordSource
    private let depth: RecordDepth
    private let clock: @Sendable () -> UnixTime

    /// A comparison.
    ///
    /// - Parameters:
    ///   - first: A source.
    ///   - second: The source to compare it with.
    ///   - depth: How much of records is compared; the sources need to have no more of them.
    ///   - clock: Tells the time, by which expired records are recognised.
    public init(
        _ first: any RecordSource, _ second: any RecordSource, depth: RecordDepth = .everything,
        clock: @escaping @Sendable () -> UnixTime = UnixTime.now
    ) {
        self.first = first
        self.second = second
        self.depth = depth
        self.clock = clock
    }

    /// Compares.
    ///
    /// A record that only one side has and that has expired by now is no difference: it is counted as expired.
    ///
    /// - Parameters:
    ///   - progress: Told how far the comparison is.
    ///   - body: Told each key with what is to be said of it, in ascending order; `same` ones too. Keys that one side
    ///     listed and then did not have come last, once they were looked for again.
    /// - Returns: The counts.
    /// - Throws: What the sources throw; a source that cannot be read whole gives no report.
    public func run(
        progress: ProgressReceiver = { _ in }, _ body: (Difference) async throws -> Void = { _ in }
    ) async throws -> DiffReport {
        var report = DiffReport(first: first.name, second: second.name)
        var holes = (first: HoleKeys(first), second: HoleKeys(second))
        var doubtful: [Difference] = []
        try await mergeJoin(first, second) { found in
            let difference = seen(found)
            if isExpired(difference) {
                report.expired += 1
            } else if isDoubtful(difference) {
                doubtful.append(difference)
            } else if !Self.isHole(difference, &holes.first, &holes.second) {
                report.count(difference)
                try await body(difference)
            }
            let compared = report.compared
            if compared.isMultiple(of: 1_000) { progress(JobProgress(records: compared)) }
        }
        report.unreadable = first.holes + second.holes
        for source in [first, second] where !source.doubtfulKeys.isEmpty {
            let again = try await source.lookAgain(at: source.doubtfulKeys)
            report.unreadable += again.unreadable
            report.unreadable += again.present.map {
                Hole(key: $0.key, reason: "\(source.name) did not have it when it was read, and has it now")
            }
        }
        let unreadable = Set(report.unreadable.map(\.key))
        for difference in doubtful where !unreadable.contains(difference.key) {
            report.count(difference)
            try await body(difference)
        }
        return report
    }

    /// A difference as far as it is looked at: where only keys are, two records of one key are the same.
    private func seen(_ difference: Difference) -> Difference {
        guard depth == .keys, case .changed(let first, _) = difference else { return difference }
        return .same(first)
    }

    private func isExpired(_ difference: Difference) -> Bool {
        switch difference {
        case .onlyInFirst(let line), .onlyInSecond(let line): line.expiration.map { $0 <= clock() } ?? false
        case .changed, .same: false
        }
    }

    /// Whether the key is missing on one side where it was listed and then not there; it is looked for again at the end.
    private func isDoubtful(_ difference: Difference) -> Bool {
        switch difference {
        case .onlyInFirst(let line): second.doubtfulKeys.contains(line.key)
        case .onlyInSecond(let line): first.doubtfulKeys.contains(line.key)
        case .changed, .same: false
        }
    }

    /// Whether the key is missing on one side only because it could not be read there; it is reported as such.
    private static func isHole(_ difference: Difference, _ first: inout HoleKeys, _ second: inout HoleKeys) -> Bool {
        switch difference {
        case .onlyInFirst(let line): second.contains(line.key)
        case .onlyInSecond(let line): first.contains(line.key)
        case .changed, .same: false
        }
    }
}

/// The keys of a source's holes, gathered again only when there are more of them.
private struct HoleKeys {
    private let source: any RecordSource
    private var count = 0
    private var keys: Set<KVKey> = []

    init(_ source: any RecordSource) { self.source = source }

    mutating func contains(_ key: KVKey) -> Bool {
        let holes = source.holes
        if holes.count != count {
            count = holes.count
            keys = Set(holes.map(\.key))
        }
        return keys.contains(key)
    }
}

/// What a comparison found.
public struct DiffReport: Hashable, Sendable {
    /// What was compared.
    public var first: String
    /// With what.
    public var second: String
    /// Keys whose records are equal.
    public var same = 0
    /// Keys with different records.
    public var changed = 0
    /// Keys that only the first source has.
    public var onlyInFirst = 0
    /// Keys that only the second source has.
    public var onlyInSecond = 0
    /// Records of one side only that have expired by now, so that no difference is left.
    public var expired = 0
    /// Keys that could not be read, so that nothing can be said of them.
    public var unreadable: [Hole] = []

    init(first: String, second: String) {
        self.first = first
        self.second = second
    }

    /// All keys that were looked at.
    public var compared: Int { same + changed + onlyInFirst + onlyInSecond + expired }
    /// Whether all records are equal.
    public var isIdentical: Bool { changed == 0 && onlyInFirst == 0 && onlyInSecond == 0 && unreadable.isEmpty }

    mutating func count(_ difference: Difference) {
        switch difference {
        case .same: same += 1
        case .changed: changed += 1
        case .onlyInFirst: onlyInFirst += 1
        case .onlyInSecond: onlyInSecond += 1
        }
    }
}

extension UnixTime {
    /// The present, by the clock of this machine.
    @Sendable public static func now() -> UnixTime { UnixTime(seconds: Int64(Date().timeIntervalSince1970)) }
}
