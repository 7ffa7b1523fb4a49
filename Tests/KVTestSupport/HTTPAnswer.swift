/// A whole answer, from the server or made up.
struct HTTPAnswer: Sendable {
    let status: Int
    let head: MessageHead
    let body: [UInt8]

    /// Whether the connection that the answer came over ends with it.
    private(set) var isLast = true

    /// Reads the answer to a request whose method is not HEAD.
    static func read(from stream: SocketStream) throws -> HTTPAnswer {
        while true {
            let head = try MessageHead.read(from: stream)
            let words = head.words
            guard words.count > 1, let status = Int(words[1]) else { throw SocketStream.Failure.malformed }
            // What announces an answer is none yet.
            if status < 200 { continue }
            var reader = try BodyReader(answerWith: head, status: status)
            let isLast = head.isLast || reader.lastsUntilClose
            var body: [UInt8] = []
            try reader.read(from: stream, into: &body)
            return HTTPAnswer(status: status, head: head, body: body, isLast: isLast)
        }
    }

    /// The bytes before the body.
    var headBytes: [UInt8] { head.bytes(length: status == 204 || status == 304 ? nil : body.count) }
}

// MARK: - Made-up answers

extension HTTPAnswer {
    /// An answer that no server gave.
    static func made(_ status: Int, _ body: String, type: String, extra: [(name: String, value: String)] = [])
        -> HTTPAnswer
    {
        let head = MessageHead(firstLine: "HTTP/1.1 \(status) Fault", fields: [("content-type", type)] + extra)
        return HTTPAnswer(status: status, head: head, body: Array(body.utf8))
    }

    /// An envelope that reports a failure.
    static func failure(
        _ status: Int, code: Int, _ message: String, extra: [(name: String, value: String)] = []
    ) -> HTTPAnswer {
        made(
            status,
            #"{"success":false,"errors":[{"code":\#(code),"message":"\#(message)"}],"messages":[],"result":null}"#,
            type: "application/json", extra: extra)
    }

    /// An envelope that reports success.
    static func success(result: String, info: String? = nil) -> HTTPAnswer {
        let tail = info.map { ",\"result_info\":\($0)" } ?? ""
        return made(
            200, #"{"success":true,"errors":[],"messages":[],"result":\#(result)\#(tail)}"#, type: "application/json")
    }

    /// A page for people.
    static func page(_ status: Int, _ title: String) -> HTTPAnswer {
        made(
            status,
            """
            <!DOCTYPE html>
            <html><head><title>\(title)</title></head><body><h1>\(title)</h1><p>cloudflare</p></body></html>

            """, type: "text/html; charset=UTF-8")
    }
}
