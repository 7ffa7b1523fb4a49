import Foundation

extension FaultProxy {
    /// One client's connection and the connection to the server that goes with it.
    final class Session {
        /// What the client gets.
        enum Delivery {
            case whole(HTTPAnswer)
            case half(HTTPAnswer, Ending)
            case nothing(Ending)
        }

        /// What follows an answer that is not whole.
        enum Ending {
            case close, reset, silence
        }

        let proxy: FaultProxy
        private let client: SocketStream
        private var upstream: SocketStream?

        /// From this size on, bodies are read in two parts, between which the connection can be lost.
        private static let longBody = 64 << 10

        init(proxy: FaultProxy, client: SocketStream) {
            self.proxy = proxy
            self.client = client
        }

        /// Serves requests until either side ends the connection or a fault does.
        func serve() throws {
            while true {
                let head = try MessageHead.read(from: client)
                let words = head.words
                guard words.count == 3 else { throw SocketStream.Failure.malformed }
                if head["expect"] != nil { try client.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), []) }
                var request = ScriptedServer.Request(
                    method: words[0], target: words[1], headers: head.dictionary, body: [])
                var reader = try BodyReader(requestWith: head)
                let firstPart = reader.length.map { $0 > Self.longBody ? $0 / 2 : $0 } ?? Self.longBody + 1
                try reader.read(from: client, atMost: firstPart, into: &request.body)

                let call = APICall(request)
                let (fault, detail) = proxy.decide(request, call, hasUnreadBody: !reader.isFinished)
                if fault == .lostConnectionWhileSending {
                    proxy.count(.lostConnectionWhileSending)
                    return
                }
                try reader.read(from: client, into: &request.body)
                let exchange = Exchange(head: head, request: request, call: call, detail: detail)
                guard try answer(exchange, with: fault), !head.isLast else { return }
            }
        }

        /// Answers a request and tells whether the connection can serve another one.
        private func answer(_ exchange: Exchange, with fault: Fault?) throws -> Bool {
            if let fault, let delivery = try delivery(of: fault, in: exchange) {
                // Counted first: a client that has its answer may look at the count.
                proxy.count(fault)
                return try deliver(delivery)
            }
            return try deliver(.whole(try forward(exchange)))
        }

        private func deliver(_ delivery: Delivery) throws -> Bool {
            switch delivery {
            case .whole(let answer):
                try client.send(answer.headBytes, answer.body[...])
                return true
            case .half(let answer, let ending):
                let head = answer.headBytes
                // What has no body to cut is cut in its head.
                let isEmpty = answer.body.isEmpty
                try client.send(
                    isEmpty ? Array(head.prefix(head.count / 2)) : head, answer.body.prefix(answer.body.count / 2))
                finish(ending)
            case .nothing(let ending):
                finish(ending)
            }
            return false
        }

        private func finish(_ ending: Ending) {
            switch ending {
            case .close: break
            case .reset: client.resetOnClose()
            // Ends when the client gives up or the proxy stops.
            case .silence: client.discardToEnd()
            }
        }
    }
}

// MARK: - The server's side

extension FaultProxy.Session {
    /// A request on its way through the proxy.
    struct Exchange {
        let head: MessageHead
        var request: ScriptedServer.Request
        let call: APICall
        /// A random number for the details of a fault.
        let detail: UInt64
    }

    /// Has the server answer a request.
    func forward(_ exchange: Exchange) throws -> HTTPAnswer {
        let stream = try upstreamConnection()
        do {
            let request = exchange.request
            let hasBody = !request.body.isEmpty || exchange.call.isWrite
            let head = exchange.head.bytes(
                firstLine: "\(request.method) \(target(of: exchange)) HTTP/1.1",
                length: hasBody ? request.body.count : nil)
            // A server may answer and close before it has read all; then its answer still counts.
            if (try? stream.send(head, request.body[...])) != nil { proxy.countForwarded() }
            let answer = try HTTPAnswer.read(from: stream)
            if answer.isLast { dropUpstream() }
            proxy.withLists { $0.note(answer, to: exchange.call) }
            return answer
        } catch {
            dropUpstream()
            throw error
        }
    }

    /// The target that the server knows: a cursor of the proxy's own means nothing to it.
    private func target(of exchange: Exchange) -> String {
        let cursor = exchange.call.cursor
        let resolved = proxy.withLists { $0.resolve(cursor) }
        return resolved == cursor
            ? exchange.request.target : APICall.target(exchange.request.target, withCursor: resolved)
    }

    private func upstreamConnection() throws -> SocketStream {
        if let upstream, !upstream.isStale { return upstream }
        dropUpstream()
        let stream = try proxy.connectUpstream()
        upstream = stream
        return stream
    }

    /// Closes the connection to the server.
    func dropUpstream() {
        if let upstream { proxy.closeRegistered(upstream.descriptor) }
        upstream = nil
    }
}
