import CCurl

/// One request on its way, and what has come back.
///
/// The callbacks get it as their context: the ``CurlEngine`` holds it as long as its handle is in use.
final class CurlTransfer {
    let id: UInt64
    let continuation: CheckedContinuation<HTTPReply, any Error>
    let request: HTTPRequest
    var clock: TransferClock
    let handle: CurlHandle
    private let lines = HeaderLines()
    /// The library's own words for a failure.
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private let options: HTTPOptions

    /// Reads the body, if that does not go out with the head.
    var reader: HTTPBodyReader?
    /// Whether the server is asked before it gets the body.
    private let isAsking: Bool
    /// How often the request was begun to be sent.
    var timesSent = 0
    var head = ResponseHead()
    var body: [UInt8] = []
    /// Why this side has ended the transfer, if it has.
    var refusal: Refusal?

    /// A reason to end a transfer from within a callback.
    enum Refusal { case headTooLong, bodyTooLong, sentAgain }

    init(_ job: CurlLoop.Job, handle: CurlHandle, options: HTTPOptions, asksBeforeSending: Bool) {
        id = job.id
        continuation = job.continuation
        request = job.request
        self.handle = handle
        self.options = options
        isAsking = asksBeforeSending && (request.body?.count ?? 0) > Self.askedBytes
        clock = TransferClock(request, now: .now)
        errorText[0] = 0
    }

    deinit { errorText.deallocate() }

    /// Bodies that are larger are announced with a question (`EXPECT_100_THRESHOLD`, libcurl's own).
    private static let askedBytes = 1 << 20
    /// Bodies that the library takes whole, so that they go out in one packet with the head.
    private static let smallBytes = 1 << 15

    /// Whether the server does not want to be asked before it gets a body, so that it need not be again.
    ///
    /// It says so, or it has taken the body without having said that it may be sent.
    var wasAskedInVain: Bool {
        if timesSent > 1 { return true }
        return isAsking && head.isComplete && head.status < 300 && !head.followsContinue && !head.isModern
    }

    /// Whether the request may go out once more within this transfer: the server has refused only to be asked.
    var mayBeSentAgain: Bool { timesSent == 1 && isAsking && head.isComplete && head.status == 417 }

    // MARK: - The start

    /// Tells the handle what to send, and where the callbacks find this transfer.
    func prepare() throws(HTTPFailure) {
        try handle.set(CURLOPT_ERRORBUFFER, UnsafeRawPointer(errorText))
        try handle.configure(options)
        try setCallbacks()
        try handle.set(CURLOPT_URL, request.url)
        // The library itself sends a request again when a connection that was used before is dead. That is stopped, but
        // what must not be done twice does not even get into the situation.
        try handle.set(CURLOPT_FRESH_CONNECT, request.mayBeSentTwice ? 0 : 1)
        try setBody()
        for line in try request.headerLines() { try lines.append(line) }
        // The library asks by itself for permission to send more than a mebibyte; asked for by a header of ours, it would
        // ask again for ever when the server does not know of it (417).
        if !isAsking { try lines.append("Expect:") }
        try handle.set(CURLOPT_HTTPHEADER, lines)
    }

    private func setBody() throws(HTTPFailure) {
        if request.method == "HEAD" { return try handle.set(CURLOPT_NOBODY, 1) }
        if request.method != "GET" || request.body != nil { try handle.set(CURLOPT_CUSTOMREQUEST, request.method) }
        guard let body = request.body ?? (["POST", "PUT", "PATCH"].contains(request.method) ? .bytes([]) : nil) else {
            return
        }
        let count = body.count
        try handle.setLength(count)
        if case .bytes(let bytes) = body, count <= Self.smallBytes {
            try handle.setBody(bytes)
        } else {
            reader = HTTPBodyReader(body)
            try handle.set(CURLOPT_POST, 1)
        }
        // The library would call it a form.
        if !request.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            try lines.append("Content-Type:")
        }
    }

    // MARK: - The end

    /// Leaves nothing in the handle that points here.
    ///
    /// All options go: otherwise the handle would also count over its whole life how often it sent a request again, and
    /// fail the one with which it was five times too many.
    func detach() { curl_easy_reset(handle.easy) }

    /// What a transfer that the library has ended comes to.
    func result(_ code: CURLcode) -> Result<HTTPReply, any Error> {
        if let failure = failure(code) { return .failure(failure) }
        return .success(
            HTTPReply(
                status: head.status, headers: head.headers, body: body, hasAnnouncedEnd: head.hasAnnouncedEnd,
                timesSent: timesSent))
    }

    private func failure(_ code: CURLcode) -> HTTPFailure? {
        switch refusal {
        case .headTooLong:
            return withHead(
                HTTPFailure(.malformedAnswer, "the headers of the answer are longer than \(ResponseHead.limit) bytes"))
        case .bodyTooLong:
            return withHead(
                HTTPFailure(.answerTooLarge, "the answer is longer than \(request.answerLimit) bytes"))
        case .sentAgain:
            return HTTPFailure(
                .connectionFailed, "the connection to \(request.host) failed: it ended without an answer")
        case nil: break
        }
        if code == CURLE_OK {
            guard head.isComplete else {
                // The library calls it an answer.
                return HTTPFailure(
                    .connectionFailed, "the connection to \(request.host) failed: it ended in the middle of a head")
            }
            guard head.hasUnclearLength else { return nil }
            return withHead(HTTPFailure(.malformedAnswer, "the answer does not say clearly how long it is"))
        }
        let end = CurlEnd(
            code: code, text: String(cString: errorText), host: request.host, isConnected: clock.isConnected,
            verifyResult: handle.number(CURLINFO_SSL_VERIFYRESULT),
            proxyStatus: handle.number(CURLINFO_HTTP_CONNECTCODE), systemError: handle.number(CURLINFO_OS_ERRNO),
            options: options)
        guard head.isComplete, code != CURLE_OPERATION_TIMEDOUT else { return end.failure }
        // Unlike a connection that cannot be made, this says something of the one answer.
        let what = "the answer ended after \(body.count) bytes, before it was whole"
        return withHead(HTTPFailure(.malformedAnswer, what, detail: end.description))
    }

    /// The error for a transfer whose deadline has passed.
    func timeout(_ now: ContinuousClock.Instant) -> HTTPFailure {
        guard clock.isConnected else {
            return HTTPFailure(.timedOut, "\(request.host) cannot be connected to in time")
        }
        guard head.isComplete else { return HTTPFailure(.timedOut, "\(request.host) did not answer in time") }
        if now >= clock.end {
            return withHead(HTTPFailure(.timedOut, "the answer came too slowly: \(body.count) bytes so far"))
        }
        return withHead(HTTPFailure(.timedOut, "\(request.host) stopped in the middle of an answer"))
    }

    private func withHead(_ failure: HTTPFailure) -> HTTPFailure {
        guard head.isComplete else { return failure }
        var failure = failure
        failure.status = head.status
        failure.headers = head.headers
        return failure
    }
}
