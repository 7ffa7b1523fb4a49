import CCurl
import Glibc
import Synchronization

/// A thread that carries the requests of one client; all use of libcurl but `curl_multi_wakeup` is on it.
///
/// Orders go in through a queue behind a lock, answers come out through continuations. What belongs to the thread
/// (``CurlEngine`` and all below it) is made on the thread and never leaves it, so none of it needs to be `Sendable`.
final class CurlLoop: Sendable {
    /// A request with the number by which it can be cancelled.
    struct Job: Sendable {
        var id: UInt64
        var request: HTTPRequest
        var continuation: CheckedContinuation<HTTPReply, any Error>
    }

    /// What the thread has to do next.
    struct Inbox: Sendable {
        var jobs: [Job] = []
        var cancelled: [UInt64] = []
        var isShuttingDown = false

        var isEmpty: Bool { jobs.isEmpty && cancelled.isEmpty && !isShuttingDown }
    }

    private struct State {
        var inbox = Inbox()
        /// The multi handle as long as it exists; only to be woken up.
        var alarm: Alarm?
        /// Those who wait for the thread's end.
        var waiters: [CheckedContinuation<Void, Never>] = []
        var isRunning = false
        /// What requests get once there is no thread for them any more.
        var end: (any Error)?
    }

    /// The one thing about a multi handle that any thread may do.
    ///
    /// The handle lives as long as this is in the state, which is only changed under the lock.
    private struct Alarm: @unchecked Sendable {  // libcurl allows this one call from any thread.
        let multi: UnsafeMutableRawPointer

        func ring() {
            // It can only fail when there is no memory for the pipe, which the making of the handle has found out.
            _ = curl_multi_wakeup(multi)
        }
    }

    private let state = Mutex(State())
    private let lastID = Atomic<UInt64>(0)
    private let options: HTTPOptions

    init(options: HTTPOptions) { self.options = options }

    /// Sends a request and waits for the answer.
    func perform(_ request: HTTPRequest) async throws -> HTTPReply {
        try Task.checkCancellation()
        let id = lastID.wrappingAdd(1, ordering: .relaxed).newValue
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                submit(Job(id: id, request: request, continuation: continuation))
                // A cancellation that came before the job did not find it.
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func submit(_ job: Job) {
        let end: (any Error)? = state.withLock { state in
            if let end = state.end { return end }
            if state.inbox.isShuttingDown { return CancellationError() }
            if !state.isRunning {
                do throws(HTTPFailure) { try start() } catch { return error }
                state.isRunning = true
            }
            put(&state) { $0.jobs.append(job) }
            return nil
        }
        if let end { job.continuation.resume(throwing: end) }
    }

    private func cancel(_ id: UInt64) {
        state.withLock { state in put(&state) { $0.cancelled.append(id) } }
    }

    /// Adds to the inbox; the thread is woken once for all that is in it.
    private func put(_ state: inout State, _ change: (inout Inbox) -> Void) {
        let wasEmpty = state.inbox.isEmpty
        change(&state.inbox)
        // Under the lock, so that the handle is still there.
        if wasEmpty { state.alarm?.ring() }
    }

    /// Ends the thread; requests that are still under way are cancelled.
    func shutdown() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                guard state.isRunning, state.end == nil else {
                    state.end = state.end ?? CancellationError()
                    return true
                }
                state.waiters.append(continuation)
                put(&state) { $0.isShuttingDown = true }
                return false
            }
            if isOver { continuation.resume() }
        }
    }
}

// MARK: - The thread

extension CurlLoop {
    private func start() throws(HTTPFailure) {
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                _ = kvark_name_this_thread("kvark-http")
                Unmanaged<CurlLoop>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        guard code == 0 else {
            Unmanaged.passUnretained(self).release()
            throw HTTPFailure(.connectionFailed, "there is no thread for connections", detail: "error \(code)")
        }
        // Its end is awaited by what it does last.
        pthread_detach(thread)
    }

    private func run() {
        do throws(HTTPFailure) {
            try CurlLibrary.preparation.get()
            let engine = try CurlEngine(options: options)
            state.withLock { $0.alarm = Alarm(multi: engine.multi) }
            engine.run(takeInbox)
            state.withLock { $0.alarm = nil }
            engine.close()
            end(with: CancellationError())
        } catch {
            end(with: error)
        }
    }

    private func takeInbox() -> Inbox {
        state.withLock { state in
            defer { state.inbox = Inbox(isShuttingDown: state.inbox.isShuttingDown) }
            return state.inbox
        }
    }

    private func end(with error: any Error) {
        let (jobs, waiters) = state.withLock { state in
            state.end = error
            defer {
                state.inbox = Inbox()
                state.waiters = []
            }
            return (state.inbox.jobs, state.waiters)
        }
        for job in jobs { job.continuation.resume(throwing: error) }
        for waiter in waiters { waiter.resume() }
    }
}
