import Foundation

extension FaultProxy.Session {
    /// What the client gets of a fault.
    ///
    /// - Parameters:
    ///   - fault: The fault.
    ///   - exchange: The request that meets it.
    /// - Returns: What to deliver, or nil when the request turns out to hold nothing that the fault could be done to.
    /// - Throws: A failure of the connection to the server.
    func delivery(of fault: Fault, in exchange: Exchange) throws -> Delivery? {
        switch fault {
        case .resetBefore: return .nothing(.reset)
        case .stallBefore: return .nothing(.silence)
        case .lostConnectionWhileSending: return .nothing(.close)
        case .emptyPage: return .whole(emptyPage(exchange))
        case .deadCursor: return .whole(deadCursor(exchange))
        case .unsuccessfulKeys: return try answerWithoutSomeKeys(exchange).map { .whole($0) }
        case .repeated: return .whole(try repeated(exchange))
        case .status429, .status500, .status502HTML, .status520, .htmlInsteadOfJSON:
            return .whole(Self.refusal(fault))
        case .resetAfter, .stallAfter, .cutBody, .cutBodyWithReset, .stallBody, .delay, .status500After,
            .status502HTMLAfter, .status524After, .successFalse:
            return distortion(of: try forward(exchange), by: fault, detail: exchange.detail)
        }
    }

    /// The answer to a request that the server never sees.
    private static func refusal(_ fault: Fault) -> HTTPAnswer {
        switch fault {
        case .status429:
            .failure(
                429, code: 971, "Please wait and consider throttling your request speed", extra: [("retry-after", "0")])
        case .status502HTML: .page(502, "502 Bad Gateway")
        case .status520: .made(520, "", type: "text/plain")
        case .htmlInsteadOfJSON: .page(200, "Just a moment...")
        default: .failure(500, code: 10001, "internal error")
        }
    }

    /// What the client gets instead of what the server answered.
    private func distortion(of answer: HTTPAnswer, by fault: Fault, detail: UInt64) -> Delivery {
        switch fault {
        case .resetAfter: return .nothing(.reset)
        case .stallAfter: return .nothing(.silence)
        case .cutBody: return .half(answer, .close)
        case .cutBodyWithReset: return .half(answer, .reset)
        case .stallBody: return .half(answer, .silence)
        case .status500After: return .whole(.failure(500, code: 10001, "internal error"))
        case .status502HTMLAfter: return .whole(.page(502, "502 Bad Gateway"))
        case .status524After: return .whole(.page(524, "524: A timeout occurred"))
        case .successFalse: return .whole(.failure(200, code: 10001, "internal error"))
        default:
            var generator = SeededGenerator(seed: detail)
            Thread.sleep(forTimeInterval: Double.random(in: 0.02...0.06, using: &generator))
            return .whole(answer)
        }
    }
}

// MARK: - Lists

extension FaultProxy.Session {
    private func emptyPage(_ exchange: Exchange) -> HTTPAnswer {
        proxy.withLists { lists in
            let cursor = lists.makeCursor(for: exchange.call)
            let page = HTTPAnswer.success(result: "[]", info: #"{"count":0,"cursor":"\#(cursor)"}"#)
            lists.note(page, to: exchange.call)
            return page
        }
    }

    private func deadCursor(_ exchange: Exchange) -> HTTPAnswer {
        proxy.withLists { $0.noteDeath(of: exchange.call) }
        return .failure(400, code: 10041, "invalid list cursor")
    }

    private func repeated(_ exchange: Exchange) throws -> HTTPAnswer {
        if let page = proxy.withLists({ $0.pageBefore(exchange.call) }) { return page }
        _ = try forward(exchange)
        return try forward(exchange)
    }
}

// MARK: - Bulk writes

extension FaultProxy.Session {
    /// What a bulk write reports.
    private struct BulkReport: Decodable {
        struct Result: Decodable {
            var successful: Int
            var unsuccessful: [String]?
            enum CodingKeys: String, CodingKey {
                case successful = "successful_key_count"
                case unsuccessful = "unsuccessful_keys"
            }
        }
        var result: Result
    }

    /// Does a bulk write without one to three of its keys; nil when it has none.
    private func answerWithoutSomeKeys(_ exchange: Exchange) throws -> HTTPAnswer? {
        guard let body = BulkBody(exchange.request.body), !body.pairs.isEmpty else { return nil }
        var generator = SeededGenerator(seed: exchange.detail)
        let count = Int.random(in: 1...3, using: &generator)
        // A key that is there twice goes twice: it cannot be both written and not.
        let keys = Set((0..<count).map { _ in generator.pick(body.pairs).key })
        let removed = Set(body.pairs.map(\.key).filter(keys.contains)).map { String(decoding: $0, as: UTF8.self) }
        guard body.pairs.contains(where: { !keys.contains($0.key) }) else {
            return Self.report(successful: 0, unsuccessful: removed.sorted())
        }
        var reduced = exchange
        reduced.request.body = body.removing(keys)
        let answer = try forward(reduced)
        // What the server refuses altogether has no keys to report.
        guard let report = try? JSONDecoder().decode(BulkReport.self, from: Data(answer.body)) else { return answer }
        let own = try (report.result.unsuccessful ?? []).map {
            String(decoding: try JSONEncoder().encode($0), as: UTF8.self)
        }
        return Self.report(successful: report.result.successful, unsuccessful: own + removed.sorted())
    }

    private static func report(successful: Int, unsuccessful: [String]) -> HTTPAnswer {
        let list = unsuccessful.joined(separator: ",")
        return .success(result: #"{"successful_key_count":\#(successful),"unsuccessful_keys":[\#(list)]}"#)
    }
}
