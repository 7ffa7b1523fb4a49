import Foundation
import KVTestSupport
import Testing

/// Faults of lists of keys and of bulk writes.
@Suite struct FaultProxyListTests {
    /// What a page says.
    private struct Page: Decodable {
        struct Key: Decodable { var name: String }
        struct Info: Decodable {
            var count: Int
            var cursor: String
        }
        struct Problem: Decodable { var code: Int }
        var result: [Key]?
        var resultInfo: Info?
        var errors: [Problem]
    }

    private static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }

    /// A server of the keys 0, 1, 2 … 9, in pages of two.
    private static func page(_ request: ScriptedServer.Request, _ index: Int) -> ScriptedServer.Answer {
        let cursor = request.target.split(separator: "cursor=").dropFirst().first?.prefix { $0 != "&" } ?? "at%3D0"
        guard let start = Int(cursor.dropFirst("at%3D".count)) else { return .failure(400, code: 10041, "bad cursor") }
        let names = (start..<start + 2).map { #"{"name":"\#($0)"}"# }.joined(separator: ",")
        let next = start + 2 < 10 ? "at=\(start + 2)" : ""
        return .success("[\(names)]", info: #"{"count":2,"cursor":"\#(next)"}"#)
    }

    /// Walks through the list, as a careful client does, and returns the names as they came.
    private func walk(_ port: Int, options: String = "limit=2&prefix=") async throws -> [String] {
        var names: [String] = []
        var cursor = ""
        while true {
            let escaped = cursor.replacing("=", with: "%3D")
            let query = cursor.isEmpty ? options : "\(options)&cursor=\(escaped)"
            let reply = try await CurlReply.send("GET", "\(APIPath.keys)?\(query)", port: port)
            let page = try Self.decoder.decode(Page.self, from: Data(reply.body))
            if page.errors.first?.code == 10041 {
                // A list whose cursor is refused starts over.
                (names, cursor) = ([], "")
                continue
            }
            names += page.result?.map(\.name) ?? []
            cursor = page.resultInfo?.cursor ?? ""
            if cursor.isEmpty { return names }
        }
    }

    private static let allNames = (0..<10).map(String.init)

    @Test func `an empty page leads to the page that was asked for`() async throws {
        try await ScriptedServer.withServer(Self.page) { server in
            // Empty pages come first, in the middle, and twice in a row.
            let plan = FaultPlan.scripted { _, index in [0, 2, 3].contains(index) ? .emptyPage : nil }
            try await FaultProxy.withProxy(to: server.port, plan: plan) { proxy in
                let names = try await walk(proxy.port)
                #expect(names == Self.allNames)
                #expect(proxy.injected == [.emptyPage: 3])
            }
            let path = "\(APIPath.keys)?limit=2&prefix="
            #expect(server.requests.map(\.target) == [path] + [2, 4, 6, 8].map { "\(path)&cursor=at%3D\($0)" })
        }
    }

    @Test func `each cursor is dead once`() async throws {
        try await ScriptedServer.withServer(Self.page) { server in
            try await FaultProxy.withProxy(to: server.port, plan: .scripted { _, _ in .deadCursor }) { proxy in
                let names = try await walk(proxy.port)
                #expect(names == Self.allNames)
                #expect(proxy.injected == [.deadCursor: 4])
            }
        }
    }

    @Test func `a repeated page is the one before`() async throws {
        try await ScriptedServer.withServer(Self.page) { server in
            // The first page has none before it; a page can come three times.
            let plan = FaultPlan.scripted { _, index in [0, 1, 3, 4].contains(index) ? .repeated : nil }
            try await FaultProxy.withProxy(to: server.port, plan: plan) { proxy in
                let names = try await walk(proxy.port)
                #expect(names == ["0", "1", "0", "1", "2", "3", "2", "3", "2", "3", "4", "5", "6", "7", "8", "9"])
                #expect(proxy.injected == [.repeated: 3])
                #expect(proxy.forwarded == 5)
            }
        }
    }

    @Test func `a page is not repeated to another list or to a walk that is further behind`() async throws {
        try await ScriptedServer.withServer(Self.page) { server in
            let plan = FaultPlan.scripted { request, _ in request.headers["x-repeat"] == nil ? nil : .repeated }
            try await FaultProxy.withProxy(to: server.port, plan: plan) { proxy in
                let pages = ["&cursor=at%3D2", "&cursor=at%3D4"]
                for page in pages {
                    _ = try await CurlReply.send("GET", "\(APIPath.keys)?prefix=a\(page)", port: proxy.port)
                }
                for query in ["prefix=b&cursor=at%3D6", "prefix=a&cursor=at%3D2", "prefix=a"] {
                    _ = try await CurlReply.send(
                        "GET", "\(APIPath.keys)?\(query)", port: proxy.port, options: ["-H", "x-repeat: 1"])
                }
                #expect(proxy.injected.isEmpty)
                #expect(proxy.forwarded == 5)
            }
        }
    }

    @Test(arguments: Seed.several(4)) func `a walk through all faults of lists ends and misses no key`(
        seed: Seed
    ) async throws {
        try await ScriptedServer.withServer(Self.page) { server in
            let plan = FaultPlan.random([.emptyPage, .deadCursor, .repeated], chance: 0.15, seed: seed.value)
            try await FaultProxy.withProxy(to: server.port, plan: plan) { proxy in
                let names = try await walk(proxy.port)
                #expect(Set(names) == Set(Self.allNames))
            }
        }
    }

    // MARK: Bulk writes

    private struct Report: Decodable {
        struct Result: Decodable {
            var successfulKeyCount: Int
            var unsuccessfulKeys: [String]
        }
        var result: Result
    }

    /// The pairs of a body as the server got them, in the words in which they were sent.
    private static let pairs: [(key: String, text: String)] = [
        ("plain", #"{"key":"plain","value":"v"}"#),
        ("q\"\\,]}", #"{ "key" : "q\"\\,]}" , "value" : "a\"b" }"#),
        ("é\n", #"{"value":"\"key\":","key":"\u00e9\n","metadata":{"key":"inner","list":[1.0e+2,{"x":[]}]}}"#),
        ("number", #"{"expiration":1.50e9,"key":"number","value":"key"}"#),
        ("last", #"{"metadata":null,"key":"last","base64":true,"value":""}"#),
    ]

    @Test(arguments: 0..<12) func `a bulk write leaves out the keys that it reports and nothing else`(
        index: Int
    ) async throws {
        let body = "[" + Self.pairs.map(\.text).joined(separator: " ,\n") + " ]"
        // The server reports a key by itself, which must not get lost.
        let answer = ScriptedServer.Answer.success(
            #"{"successful_key_count":1,"unsuccessful_keys":["server's \"own\""]}"#)
        try await ScriptedServer.withServer({ _, _ in answer }) { server in
            // Requests before the one in question, so that each case draws other numbers.
            let plan = FaultPlan.scripted { request, _ in request.method == "PUT" ? .unsuccessfulKeys : nil }
            try await FaultProxy.withProxy(to: server.port, plan: plan) { proxy in
                for _ in 0..<index { _ = try await CurlReply.send("GET", "/", port: proxy.port) }
                let reply = try await CurlReply.send("PUT", APIPath.bulk, port: proxy.port, body: Array(body.utf8))
                let report = try Self.decoder.decode(Report.self, from: Data(reply.body)).result
                #expect(report.successfulKeyCount == 1)
                #expect(report.unsuccessfulKeys.first == "server's \"own\"")
                let removed = Set(report.unsuccessfulKeys.dropFirst())
                #expect((1...3).contains(removed.count))
                let rest = Self.pairs.filter { !removed.contains($0.key) }
                #expect(rest.count == Self.pairs.count - removed.count)
                let received = try #require(server.requests.last).body
                #expect(String(decoding: received, as: UTF8.self) == "[\(rest.map(\.text).joined(separator: ","))]")
                #expect(proxy.injected == [.unsuccessfulKeys: 1])
            }
        }
    }

    @Test func `a bulk write of a single key can fail altogether`() async throws {
        try await ScriptedServer.withServer({ _, _ in .success() }) { server in
            try await FaultProxy.withProxy(to: server.port, plan: .scripted { _, _ in .unsuccessfulKeys }) { proxy in
                let body = Array(#"[{"key":"a","value":"1"},{"key":"a","value":"2"}]"#.utf8)
                let reply = try await CurlReply.send("PUT", APIPath.bulk, port: proxy.port, body: body)
                #expect(reply.text.contains(#"{"successful_key_count":0,"unsuccessful_keys":["a"]}"#))
                #expect(server.requests.isEmpty)
            }
        }
    }

    @Test(arguments: ["", "[]", "{}", "[1]", #"[{"value":"v"}]"#, #"[{"key":"a""#, #"[{"key":"a"},"#, #"[{"key":1}]"#])
    func `a bulk write without keys passes as it is`(body: String) async throws {
        try await ScriptedServer.withServer({ _, _ in .success() }) { server in
            try await FaultProxy.withProxy(to: server.port, plan: .scripted { _, _ in .unsuccessfulKeys }) { proxy in
                _ = try await CurlReply.send("PUT", APIPath.bulk, port: proxy.port, body: Array(body.utf8))
                #expect(server.requests.map(\.body) == [Array(body.utf8)])
                #expect(proxy.injected.isEmpty)
            }
        }
    }
}
