import CCurl
import Glibc

extension CurlTransfer {
    /// Sets what the library calls, always with this transfer as the context.
    func setCallbacks() throws(HTTPFailure) {
        let context = UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
        for option in [
            CURLOPT_HEADERDATA, CURLOPT_WRITEDATA, CURLOPT_READDATA, CURLOPT_SEEKDATA, CURLOPT_PREREQDATA,
        ] {
            try handle.set(option, context)
        }
        try handle.set(CURLOPT_HEADERFUNCTION, Self.onHeader)
        try handle.set(CURLOPT_WRITEFUNCTION, Self.onData)
        try handle.set(CURLOPT_READFUNCTION, Self.onRead)
        try handle.setSeek(Self.onSeek)
        try handle.setPrerequest(Self.onConnected)
        try handle.setSocket(Self.onSocket)
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> CurlTransfer {
        guard let context else { preconditionFailure("a callback without its transfer") }
        return Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
    }

    /// A line of a head, or a trailer.
    private static let onHeader: kvark_data_callback = { bytes, size, count, context in
        let transfer = CurlTransfer.from(context)
        transfer.clock.sawSign()
        guard transfer.head.add(line: UnsafeRawBufferPointer(start: bytes, count: size * count)) else {
            transfer.refusal = .headTooLong
            return 0
        }
        if transfer.head.isComplete, transfer.body.isEmpty, let announced = transfer.head.announcedLength {
            transfer.body.reserveCapacity(min(announced, transfer.request.answerLimit))
        }
        return size * count
    }

    /// A piece of the answer's body.
    private static let onData: kvark_data_callback = { bytes, size, count, context in
        let transfer = CurlTransfer.from(context)
        transfer.clock.sawSign()
        guard transfer.body.count + size * count <= transfer.request.answerLimit else {
            transfer.refusal = .bodyTooLong
            return 0
        }
        transfer.body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: size * count))
        return size * count
    }

    /// There is room for more of the request's body.
    private static let onRead: kvark_data_callback = { bytes, size, count, context in
        let transfer = CurlTransfer.from(context)
        transfer.clock.sawSign()
        return transfer.reader?.read(into: UnsafeMutableRawBufferPointer(start: bytes, count: size * count)) ?? 0
    }

    /// The body is going to be sent from its start, once more after a server that does not want to be asked for it.
    private static let onSeek: kvark_seek_callback = { context, offset, origin in
        guard offset == 0, origin == SEEK_SET else { return Int32(CURL_SEEKFUNC_FAIL) }
        CurlTransfer.from(context).reader?.rewind()
        return Int32(CURL_SEEKFUNC_OK)
    }

    /// There is a socket, which is not connected yet.
    private static let onSocket: kvark_socket_callback = { _, socket, _ in
        // Programs that are started meanwhile must not hold the connection open.
        _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
        // The system takes no more of a body than it is about to send: otherwise it would send on for long after the last
        // piece was asked for, and a slow uplink would look like a silent server. Where it does not know of that, only
        // the deadline is less exact.
        var bytes: Int32 = 1 << 17
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, &bytes, socklen_t(MemoryLayout<Int32>.size))
        return Int32(CURL_SOCKOPT_OK)
    }

    /// The connection is there, and the request goes out now.
    private static let onConnected: kvark_prereq_callback = { context, _, _, _, _ in
        let transfer = CurlTransfer.from(context)
        if transfer.timesSent > 0 {
            // The library would send a request again when a connection that was used before ends without an answer, or
            // when an HTTP/2 server says that it has not looked at it. Whether and when to do that is for those to decide
            // who count requests.
            guard transfer.mayBeSentAgain else {
                transfer.refusal = .sentAgain
                return Int32(CURL_PREREQFUNC_ABORT)
            }
            // What came was the answer to the question.
            transfer.head = ResponseHead()
            transfer.body.removeAll()
        }
        transfer.timesSent += 1
        transfer.clock.connected()
        return Int32(CURL_PREREQFUNC_OK)
    }
}
