import Hummingbird
import HummingbirdCore
import KVModel
import NIOCore

/// Turns HTTP requests into API requests and answers into HTTP: authentication, rate limit, routing, body, log.
struct HTTPFrontDoor: Sendable {
    let service: APIService
    let authentication: Authentication
    let gate: RequestGate
    let log: RequestLog?
    let counter: RequestCounter
    /// How long every answer is held back; requests that come meanwhile are not.
    let latency: Duration

    /// What the head of a request says.
    private struct Arrival {
        var method: String
        var rawTarget: String
        var target: RequestTarget
        var headers: RequestHeaders
        var match: RouteMatch

        init(_ request: Request) {
            method = request.method.rawValue
            rawTarget = request.head.path ?? ""
            target = RequestTarget(rawTarget)
            headers = RequestHeaders(request.headers.map { (name: $0.name.canonicalName, value: $0.value) })
            match = RouteMatch(method: method, target: target)
        }
    }

    /// Answers one request.
    ///
    /// Runs apart from its caller, as the writer does that it hands the answer to.
    @concurrent func respond(to request: Request, _ writer: consuming ResponseWriter) async throws {
        let arrival = Arrival(request)
        let passage = admit(arrival)
        let waits = arrival.headers.expectsContinue
        var body = IncomingBody()
        if passage.fault == nil, waits {
            try await writer.writeInformationalHead(HTTPResponse(status: .init(code: 100)))
        }
        if passage.fault == nil || !waits {
            // A refused request's body is read too, so that the client gets to see the answer.
            body = try await IncomingBody(
                request.body, contentLength: arrival.headers.contentLength,
                limit: passage.fault == nil ? arrival.match.route.bodyLimit : 0)
        }
        var reply = await reply(to: arrival, body, passage.fault)
        reply.headers += passage.headers
        // A client that was told no instead of "continue" may send its body or not; only a new connection is clear.
        if passage.fault != nil, waits { reply.headers.append(("Connection", "close")) }
        note(arrival, body, reply, remaining: passage.remaining)
        if latency > .zero { try await Task.sleep(for: latency) }
        let response = httpResponse(reply, isHead: arrival.method == "HEAD")
        try await writer.write(response: response.head, body: response.body)
    }

    /// Decides from the head alone whether a request is refused.
    private func admit(_ arrival: Arrival) -> RequestGate.Passage {
        do throws(APIFault) {
            try authentication.check(arrival.headers)
        } catch {
            var passage = gate.look()
            passage.fault = error
            return passage
        }
        var passage = gate.admit()
        guard passage.fault == nil else { return passage }
        do throws(APIFault) {
            try service.check(arrival.match, method: arrival.method, target: arrival.target)
            let limit = arrival.match.route.bodyLimit
            if limit > 0, let length = arrival.headers.contentLength, length > limit {
                throw .bodyTooLarge(arrival.match.route.operation, limit: limit)
            }
        } catch {
            passage.fault = error
        }
        return passage
    }

    private func reply(to arrival: Arrival, _ body: IncomingBody, _ fault: APIFault?) async -> Reply {
        if let fault { return .fault(fault) }
        let route = arrival.match.route
        if body.isTooLarge, route.bodyLimit > 0 {
            return .fault(.bodyTooLarge(route.operation, limit: route.bodyLimit))
        }
        return await service.answer(
            APIRequest(match: arrival.match, target: arrival.target, headers: arrival.headers, body: body.bytes))
    }

    private func note(_ arrival: Arrival, _ body: IncomingBody, _ reply: Reply, remaining: Int?) {
        counter.add(arrival.match.route)
        log?.append(
            RequestNote(
                method: arrival.method, route: arrival.match.route, target: arrival.rawTarget, status: reply.status,
                requestBytes: body.received, responseBytes: reply.body.count, keyCount: reply.keyCount,
                remaining: remaining))
    }

    private func httpResponse(_ reply: Reply, isHead: Bool) -> Response {
        var fields = HTTPFields()
        let ray = RandomText.hexadecimal(16) + "-KVK"
        for (name, value) in [("Content-Type", reply.contentType), ("cf-ray", ray)] + reply.headers {
            // The names are our own and well-formed; only the library does not know.
            guard let name = HTTPFields.Element.Name(name) else { continue }
            fields.append(HTTPFields.Element(name: name, value: value))
        }
        let body = isHead ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body))
        return Response(status: .init(code: reply.status), headers: fields, body: body)
    }
}
