import Foundation

extension FaultProxy {
    /// What the proxy must know of lists of keys, so that its faults lose no key and let every list end.
    struct ListMemory: Sendable {
        /// The last page of a list and the cursor that it gave out.
        struct Page: Sendable {
            let answer: HTTPAnswer
            let nextCursor: String
        }

        /// For each cursor of the proxy's own the one that it stands for, or nil for the start of the list.
        private var ownCursors: [String: String?] = [:]
        private var deadCursors: Set<String> = []
        private var lastPages: [String: Page] = [:]

        /// What a request's cursor means to the server.
        func resolve(_ cursor: String?) -> String? {
            guard let cursor, let original = ownCursors[cursor] else { return cursor }
            return original
        }

        /// A new cursor that stands for the one of a request.
        mutating func makeCursor(for call: APICall) -> String {
            let cursor = "proxy-empty-\(ownCursors.count)"
            ownCursors[cursor] = resolve(call.cursor)
            return cursor
        }

        /// Whether a call has a cursor from the server that has not been dead yet.
        func canDie(_ call: APICall) -> Bool {
            guard let cursor = call.cursor, ownCursors[cursor] == nil else { return false }
            return !deadCursors.contains(call.list + cursor)
        }

        /// Keeps the cursor of a call from being dead again.
        mutating func noteDeath(of call: APICall) { deadCursors.insert(call.list + (call.cursor ?? "")) }

        /// Keeps a page, so that it can be repeated.
        mutating func note(_ answer: HTTPAnswer, to call: APICall) {
            guard call.kind == .keys, answer.status == 200 else { return }
            lastPages[call.list] = Self.nextCursor(in: answer).map { Page(answer: answer, nextCursor: $0) }
        }

        /// The page that led to a call.
        ///
        /// A page that only came last will not do: it may belong to another walk through the same list that is further
        /// ahead, and its cursor would lead past keys.
        func pageBefore(_ call: APICall) -> HTTPAnswer? {
            guard let page = lastPages[call.list], page.nextCursor == call.decodedCursor else { return nil }
            return page.answer
        }

        private static func nextCursor(in answer: HTTPAnswer) -> String? {
            struct Envelope: Decodable {
                struct Info: Decodable { var cursor: String? }
                var info: Info?
                enum CodingKeys: String, CodingKey { case info = "result_info" }
            }
            let envelope = try? JSONDecoder().decode(Envelope.self, from: Data(answer.body))
            return envelope?.info?.cursor.flatMap { $0.isEmpty ? nil : $0 }
        }
    }
}

extension Fault {
    /// Whether the fault makes sense for a call.
    ///
    /// - Parameters:
    ///   - call: What the request asks.
    ///   - hasUnreadBody: Whether the request has a long body whose end is still to come.
    ///   - lists: What is known of lists.
    /// - Returns: Whether it fits.
    func fits(_ call: APICall, hasUnreadBody: Bool, lists: FaultProxy.ListMemory) -> Bool {
        switch self {
        case .lostConnectionWhileSending: hasUnreadBody
        case .htmlInsteadOfJSON, .successFalse: call.kind != .readValue
        case .repeated: call.isWrite || lists.pageBefore(call) != nil
        case .unsuccessfulKeys: call.kind == .bulkWrite
        case .emptyPage: call.kind == .keys
        case .deadCursor: lists.canDie(call)
        default: true
        }
    }
}
