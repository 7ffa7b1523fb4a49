import CCurl

/// What a ``CurlLoop``'s thread owns: the multi handle, its transfers, and the handles that wait for their next use.
final class CurlEngine {
    let multi: UnsafeMutableRawPointer
    private let options: HTTPOptions
    private let limit: Int
    /// Transfers under way, by their easy handle.
    private var active: [UnsafeMutableRawPointer: CurlTransfer] = [:]
    private var handles: [UInt64: UnsafeMutableRawPointer] = [:]
    private var waiting = WaitingJobs()
    private var idle: [UnsafeMutableRawPointer] = []
    /// Whether the server answers when it is asked before a large body; one that does not costs a second each time.
    private var serverSaysContinue: Bool
    /// When one of the transfers may be too late.
    private var nextLook: ContinuousClock.Instant?

    init(options: HTTPOptions) throws(HTTPFailure) {
        guard let multi = curl_multi_init() else {
            throw HTTPFailure(.connectionFailed, "there is no memory for connections")
        }
        self.multi = multi
        self.options = options
        limit = max(1, options.maximumConnections)
        serverSaysContinue = options.expectTimeout != nil
        do throws(HTTPFailure) {
            try set(CURLMOPT_PIPELINING, options.allowsHTTP2 ? Int(CURLPIPE_MULTIPLEX) : 0)
            // All connections are kept for the next requests.
            try set(CURLMOPT_MAXCONNECTS, limit)
        } catch {
            curl_multi_cleanup(multi)
            throw error
        }
    }

    private func set(_ option: CURLMoption, _ value: Int) throws(HTTPFailure) {
        let code = kvark_multi_set_long(multi, option, value)
        guard code == CURLM_OK else {
            throw HTTPFailure(
                .invalidRequest, "the HTTP library does not take its option \(option.rawValue)",
                detail: CurlLibrary.describe(code))
        }
    }

    /// Works until the inbox says that it is over.
    func run(_ takeInbox: () -> CurlLoop.Inbox) {
        while true {
            let inbox = takeInbox()
            for job in inbox.jobs { waiting.append(job) }
            if inbox.isShuttingDown { return }
            for id in inbox.cancelled { cancel(id) }
            startWaiting()
            var running: Int32 = 0
            endAll(unless: curl_multi_perform(multi, &running))
            let hasFinished = finishDone()
            checkDeadlines()
            // Freed connections have takers, and those who got an answer may have asked for more.
            if hasFinished && !waiting.isEmpty { continue }
            endAll(unless: curl_multi_poll(multi, nil, 0, pollTimeout(), nil))
        }
    }

    /// Frees everything; transfers that are under way or wait end as cancelled.
    func close() {
        for handle in Array(active.keys) { finish(handle, .failure(CancellationError())) }
        while let job = waiting.next() { job.continuation.resume(throwing: CancellationError()) }
        for handle in idle { curl_easy_cleanup(handle) }
        idle = []
        // There is nobody left to whom a failure would be of use.
        _ = curl_multi_cleanup(multi)
    }
}

// MARK: - Starting

extension CurlEngine {
    private func startWaiting() {
        while active.count < limit, let job = waiting.next() { start(job) }
    }

    private func start(_ job: CurlLoop.Job) {
        guard let easy = idle.popLast() ?? curl_easy_init() else {
            job.continuation.resume(
                throwing: HTTPFailure(.connectionFailed, "there is no memory for a request"))
            return
        }
        let transfer = CurlTransfer(
            job, handle: CurlHandle(easy: easy), options: options, asksBeforeSending: serverSaysContinue)
        active[easy] = transfer
        handles[job.id] = easy
        do throws(HTTPFailure) {
            try transfer.prepare()
            let code = curl_multi_add_handle(multi, easy)
            guard code == CURLM_OK else { throw broken(code) }
        } catch {
            return finish(easy, .failure(error))
        }
        let look = transfer.clock.nextLook(after: .now)
        nextLook = min(nextLook ?? look, look)
    }
}

// MARK: - Ending

extension CurlEngine {
    private func finishDone() -> Bool {
        var hasFinished = false
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
            // Read before the handle is removed: the message goes with it.
            let code = kvark_message_result(message)
            guard let transfer = active[handle] else { continue }
            if code == CURLE_OK, transfer.wasAskedInVain { serverSaysContinue = false }
            finish(handle, transfer.result(code))
            hasFinished = true
        }
        return hasFinished
    }

    private func cancel(_ id: UInt64) {
        if let handle = handles[id] {
            finish(handle, .failure(CancellationError()))
        } else {
            waiting.remove(id)?.continuation.resume(throwing: CancellationError())
        }
    }

    private func finish(_ handle: UnsafeMutableRawPointer, _ result: Result<HTTPReply, any Error>) {
        guard let transfer = active.removeValue(forKey: handle) else { return }
        handles[transfer.id] = nil
        let isOut = curl_multi_remove_handle(multi, handle) == CURLM_OK
        transfer.detach()
        if isOut, idle.count < limit {
            idle.append(handle)
        } else {
            curl_easy_cleanup(handle)
        }
        transfer.continuation.resume(with: result)
    }

    /// Ends all that is under way when the library as a whole does not go on.
    private func endAll(unless code: CURLMcode) {
        guard code != CURLM_OK else { return }
        for handle in Array(active.keys) { finish(handle, .failure(broken(code))) }
    }

    private func broken(_ code: CURLMcode) -> HTTPFailure {
        HTTPFailure(.connectionFailed, "the HTTP library does not go on", detail: CurlLibrary.describe(code))
    }
}

// MARK: - Time

extension CurlEngine {
    private func checkDeadlines() {
        guard let look = nextLook else { return }
        let now = ContinuousClock.now
        guard now >= look else { return }
        nextLook = nil
        for (handle, transfer) in active {
            if transfer.clock.deadline <= now {
                finish(handle, .failure(transfer.timeout(now)))
            } else {
                let look = transfer.clock.nextLook(after: now)
                nextLook = min(nextLook ?? look, look)
            }
        }
    }

    /// In milliseconds; libcurl wakes earlier where its own timers want it.
    private func pollTimeout() -> Int32 {
        guard let nextLook else { return 60_000 }
        let left = (nextLook - ContinuousClock.now) / .milliseconds(1)
        return Int32(max(0, min(left.rounded(.up), 60_000)))
    }
}
