import HTTPServer
import KVModel

/// Turns HTTP requests into API requests and answers into HTTP: authentication, rate limit, routing, body, log.
struct HTTPFrontDoor: Sendable {
    let service: APIService
    let authentication: Authentication
    let gate: RequestGate
    let log: RequestLog?
    let counter: RequestCounter
    let voice: WarningVoice
    /// How long every answer is held back; requests that come meanwhile are not.
    let latency: Duration

    /// What the head of a request says.
    private struct Arrival {
        var method: String
        var rawTarget: String
        var target: RequestTarget
        var headers: RequestHeaders
        var match: RouteMatch

        init(_ head: RequestHead) {
            method = head.method
            rawTarget = head.target
            target = RequestTarget(rawTarget)
            headers = RequestHeaders(head.fields)
            match = RouteMatch(method: method, target: target)
        }
    }

    /// Decides from its head what is to be done with a request, and says how it is answered; waits for nothing.
    func admit(_ head: RequestHead) -> RequestPlan {
        let arrival = Arrival(head)
        let passage = pass(arrival)
        if passage.fault != nil { return .refuse { await respond(to: arrival, passage, $0) } }
        return .take(bodyUpTo: arrival.match.route.bodyLimit) { await respond(to: arrival, passage, $0) }
    }

    private func respond(
        to arrival: Arrival, _ passage: RequestGate.Passage, _ body: ReceivedBody
    ) async -> Response {
        var reply = await reply(to: arrival, body, passage.fault)
        reply.headers += passage.headers
        note(arrival, body, reply, remaining: passage.remaining)
        // A sleep that is cut short is the end of the server, which sends nothing any more.
        if latency > .zero { try? await Task.sleep(for: latency) }
        return response(reply)
    }

    /// Decides from the head alone whether a request is refused.
    private func pass(_ arrival: Arrival) -> RequestGate.Passage {
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

    private func reply(to arrival: Arrival, _ body: ReceivedBody, _ fault: APIFault?) async -> Reply {
        if let fault { return .fault(fault) }
        let route = arrival.match.route
        if body.isTooLarge, route.bodyLimit > 0 {
            return .fault(.bodyTooLarge(route.operation, limit: route.bodyLimit))
        }
        return await service.answer(
            APIRequest(match: arrival.match, target: arrival.target, headers: arrival.headers, body: body.bytes))
    }

    private func note(_ arrival: Arrival, _ body: ReceivedBody, _ reply: Reply, remaining: Int?) {
        counter.add(arrival.match.route)
        voice.say(reply.warnings, arrival.match.route.operation)
        log?.append(
            RequestNote(
                method: arrival.method, route: arrival.match.route, target: arrival.rawTarget, status: reply.status,
                requestBytes: body.received, responseBytes: reply.body.count, keyCount: reply.keyCount,
                remaining: remaining, warnings: reply.warnings))
    }

    private func response(_ reply: Reply) -> Response {
        let ray = RandomText.hexadecimal(16) + "-KVK"
        let fields = [("Content-Type", reply.contentType), ("cf-ray", ray)] + reply.headers
        return Response(status: reply.status, fields: fields.map { (name: $0.0, value: $0.1) }, body: reply.body)
    }
}
