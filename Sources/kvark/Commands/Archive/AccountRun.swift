import KVTransfer
import Synchronization

/// One job for each of many namespaces: several at once under the limit that they share, and on after the failure of one.
struct AccountRun {
    /// What a job for one of many namespaces is told.
    struct Part: Sendable {
        /// Hears how far the job is.
        let progress: ProgressReceiver
    }

    /// What came of a job.
    struct Outcome: Sendable {
        /// In a few words, such as `1,234 records`.
        var text: String
        /// Whether nothing is missing.
        var isWhole: Bool
    }

    /// A job for one namespace.
    struct Job: Sendable {
        /// The namespace's title, or what else tells the job from others.
        let title: String
        let work: @Sendable (Part) async throws -> Outcome
    }

    private enum Ending: Sendable {
        case finished(Outcome)
        case failed(String)
        case interrupted(TransferError)
    }

    private let jobs: [Job]
    private let parallel: Int
    private let output: OutputOptions
    private let progress: AccountProgress

    /// A run of jobs.
    ///
    /// - Parameters:
    ///   - jobs: The jobs.
    ///   - parallel: How many are under way at once at the most.
    ///   - verb: What is being done, for the progress line.
    ///   - output: What the user wants to be told.
    init(_ jobs: [Job], parallel: Int, verb: String, _ output: OutputOptions) {
        self.jobs = jobs
        self.parallel = parallel
        self.output = output
        progress = AccountProgress(jobs.count, ProgressLine(verb, output))
    }

    /// Runs all jobs and ends with a table.
    ///
    /// - Throws: `CommandFinding` when not all namespaces are whole; the error of a job that all others would end with too;
    ///   ``TransferError`` with `interrupted`; `CancellationError`.
    func run() async throws {
        var endings: [Int: Ending] = [:]
        defer { progress.line.clear() }
        try await withThrowingTaskGroup(of: (Int, Ending).self) { group in
            var next = 0
            func start() {
                guard next < jobs.count, !CommandRun.stop.isRequested else { return }
                let index = next
                next += 1
                group.addTask { (index, try await ending(of: jobs[index], index)) }
            }
            for _ in 0..<parallel { start() }
            while let (index, ending) = try await group.next() {
                endings[index] = ending
                // The job has said how it ended; the line is drawn anew below that.
                progress.line.clear()
                start()
            }
        }
        progress.line.clear()
        sayTable(endings)
        for case .interrupted(let error) in endings.values { throw error }
        if endings.count < jobs.count {
            throw TransferError(
                .interrupted, "\(Amounts.count(jobs.count - endings.count, "namespace")) were not begun")
        }
        if !endings.values.allSatisfy(Self.isWhole) { throw CommandFinding(status: .holes) }
    }

    /// Does a job; an error of one namespace does not keep the others from being worked on.
    private func ending(of job: Job, _ index: Int) async throws -> Ending {
        try await StandardError.$prefix.withValue("\(KVKey(job.title)): ") {
            do {
                return .finished(try await job.work(Part(progress: progress.receiver(of: index))))
            } catch let error as TransferError where error.code == .interrupted {
                return .interrupted(error)
            } catch let error where !(error is CancellationError) && !Self.concernsAll(error) {
                guard ExitStatus(of: error) != nil else { throw error }
                CommandRun.report(error)
                if output.json { try JSONOutput.write(FailureJSON(namespace: job.title, error: Hints.describe(error))) }
                return .failed(Hints.describe(error))
            }
        }
    }

    /// Whether the other namespaces would fail for the same reason.
    static func concernsAll(_ error: any Error) -> Bool {
        if error is StandardOutput.Closed { return true }
        guard let error = error as? KVError else { return (error as? VaultError)?.code == .noSpace }
        return [
            .unauthorized, .dailyQuotaUsed, .connectionFailed, .tlsFailed, .redirected, .timedOut, .invalidOptions,
        ].contains(error.code)
    }

    private static func isWhole(_ ending: Ending) -> Bool {
        guard case .finished(let outcome) = ending else { return false }
        return outcome.isWhole
    }

    private func sayTable(_ endings: [Int: Ending]) {
        let names = jobs.map { KVKey($0.title).description }
        let width = names.map(\.count).max() ?? 0
        for (index, name) in names.enumerated() {
            let text =
                switch endings[index] {
                case .finished(let outcome): outcome.text + (outcome.isWhole ? "" : ", NOT WHOLE")
                case .failed(let reason): "FAILED: \(reason)"
                case .interrupted: "interrupted"
                case nil: "not begun"
                }
            output.say("\(name)\(String(repeating: " ", count: width - name.count))  \(text)")
        }
        let whole = endings.values.count(where: Self.isWhole)
        output.say("\(Amounts.count(whole)) of \(Amounts.count(jobs.count, "namespace")) whole")
    }
}

/// What a program is told of a namespace whose job has failed.
private struct FailureJSON: Encodable {
    let namespace: String
    let error: String
}

/// How far the jobs of many namespaces are, together.
private final class AccountProgress: Sendable {
    let line: ProgressLine
    private let state: Mutex<[JobProgress]>

    init(_ count: Int, _ line: ProgressLine) {
        self.line = line
        state = Mutex([JobProgress](repeating: JobProgress(), count: count))
    }

    /// Hears how far one job is, and draws the sum.
    func receiver(of index: Int) -> ProgressReceiver {
        { [self] progress in
            let sum = state.withLock { all in
                all[index] = progress
                return all.reduce(into: JobProgress()) { sum, job in
                    sum.records = sum.records.addingBounded(job.records)
                    sum.valueBytes = sum.valueBytes.addingBounded(job.valueBytes)
                    sum.requests = sum.requests.addingBounded(job.requests)
                }
            }
            line.receiver(sum)
        }
    }
}
