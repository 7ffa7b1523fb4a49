import KVServer
import Testing

@Suite struct KeysListTests {
    /// Writes keys with empty values.
    private func fill(_ namespace: RemoteNamespace, _ keys: [String]) async throws {
        let pairs = keys.map { "{\"key\":\"\($0)\",\"value\":\"\"}" }
        let reply = try await namespace.bulkPut("[\(pairs.joined(separator: ","))]")
        #expect(reply.status == 200)
    }

    /// Three digits and more, so that the order of numbers is the order of bytes.
    private func names(_ range: ClosedRange<Int>) -> [String] { range.map { "k\(10_000 + $0)" } }

    @Test func `an empty namespace has no keys and no cursor`() async throws {
        try await withNamespace { namespace async throws in
            let reply = try await namespace.list()
            #expect(reply.status == 200)
            #expect(reply.text == envelope("[]", info: #"{"count":0,"cursor":""}"#))
        }
    }

    @Test func `a row has name, expiration and metadata where there are any`() async throws {
        let clock = HandClock(at: 1_000)
        try await withNamespace({ $0.now = { clock.now } }) { namespace async throws in
            try await namespace.bulkPut(
                #"[{"key":"a","value":"1"},{"key":"b","value":"2","expiration_ttl":60,"metadata":{"x": [1.0]}}]"#)
            let rows = #"[{"name":"a"},{"name":"b","expiration":1060,"metadata":{"x":[1.0]}}]"#
            #expect(try await namespace.list("?cursor=").text == envelope(rows, info: #"{"count":2,"cursor":""}"#))
        }
    }

    @Test func `keys are sorted by their UTF-8 bytes`() async throws {
        try await withNamespace { namespace async throws in
            let keys = ["\u{1F600}", "\u{FF5E}", "a", "B", "é", "e\u{301}", "z", "~", " "]
            try await fill(namespace, keys)
            let sorted = keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            #expect(try await namespace.list().column("name") == sorted)
            #expect(Array(sorted.suffix(2)) == ["\u{FF5E}", "\u{1F600}"])
        }
    }

    @Test(arguments: [
        ("9", false), ("10", true), ("1000", true), ("1001", false), ("", false), ("x", false), ("-1", false),
    ])
    func `a page has 10 to 1,000 keys`(limit: String, isAllowed: Bool) async throws {
        try await withNamespace { namespace async throws in
            let reply = try await namespace.list("?limit=\(limit)")
            #expect(reply.status == (isAllowed ? 200 : 400))
            #expect(reply.code == (isAllowed ? nil : 10028))
        }
    }

    @Test func `pages follow each other without gap or repetition, and the last one has no cursor`() async throws {
        try await withNamespace { namespace async throws in
            try await fill(namespace, names(1...2_500))
            var found: [String] = []
            var counts: [Int] = []
            var cursor = ""
            repeat {
                let page = try await namespace.list("?cursor=\(cursor)")
                found += page.column("name")
                counts.append(page.column("name").count)
                cursor = try #require(page.info("cursor"))
            } while !cursor.isEmpty
            #expect(found == names(1...2_500))
            #expect(counts == [1_000, 1_000, 500])
        }
    }

    @Test func `a full last page has no cursor`() async throws {
        try await withNamespace { namespace async throws in
            try await fill(namespace, names(1...10))
            #expect(try await namespace.list("?limit=10").info("cursor") == "")
        }
    }

    @Test func `a prefix holds for every page on which it is given`() async throws {
        try await withNamespace { namespace async throws in
            try await fill(namespace, names(1...15) + ["a", "k", "kz", "l", "k%", "K1"])
            let first = try await namespace.list("?prefix=k1&limit=10")
            #expect(first.column("name") == names(1...10))
            let cursor = try #require(first.info("cursor"))
            #expect(try await namespace.list("?prefix=k1&limit=10&cursor=\(cursor)").column("name") == names(11...15))
            let without = try await namespace.list("?limit=10&cursor=\(cursor)").column("name")
            #expect(without == names(11...15) + ["kz", "l"])
            #expect(try await namespace.list("?prefix=k%25").column("name") == ["k%"])
        }
    }

    @Test func `a prefix is read as a form field`() async throws {
        try await withNamespace { namespace async throws in
            try await fill(namespace, ["a b", "a+b", "é1", "😀/"])
            #expect(try await namespace.list("?prefix=a+").column("name") == ["a b"])
            #expect(try await namespace.list("?prefix=a%2B").column("name") == ["a+b"])
            #expect(try await namespace.list("?prefix=%C3%A9").column("name") == ["é1"])
            #expect(try await namespace.list("?prefix=%F0%9F%98%80%2F").column("name") == ["😀/"])
            #expect(try await namespace.list("?prefix=%FF").status == 400)
        }
    }

    @Test func `a cursor sees what is written behind it and not what is written before it`() async throws {
        try await withNamespace { namespace async throws in
            try await fill(namespace, names(1...20))
            let cursor = try #require(try await namespace.list("?limit=10").info("cursor"))
            try await fill(namespace, ["a", "z"])
            // The key that the cursor names may go away.
            try await namespace.delete("k10010")
            #expect(try await namespace.list("?limit=20&cursor=\(cursor)").column("name") == names(11...20) + ["z"])
        }
    }

    @Test func `a cursor outlives the server`() async throws {
        try await withTemporaryFolder { folder in
            let (id, cursor) = try await withNamespace({ $0.storage = .folder(folder) }) { namespace async throws in
                try await fill(namespace, names(1...20))
                return (namespace.id, try #require(try await namespace.list("?limit=10").info("cursor")))
            }
            try await withRemote({ $0.storage = .folder(folder) }) { remote async throws in
                let namespace = RemoteNamespace(remote: remote, id: id)
                #expect(try await namespace.list("?cursor=\(cursor)").column("name") == names(11...20))
            }
        }
    }

    @Test func `what is not a cursor of this namespace is refused`() async throws {
        try await withNamespace { namespace async throws in
            try await fill(namespace, names(1...20))
            let cursor = try #require(try await namespace.list("?limit=10").info("cursor"))
            let other = try await namespace.remote.makeNamespace("other")
            for junk in ["x", "AQ", "%00", String(cursor.dropLast()), cursor + "A", "B" + cursor.dropFirst(), "%20"] {
                let reply = try await namespace.list("?cursor=\(junk)")
                #expect(reply.status == 400)
                #expect(reply.code == 10041)
            }
            #expect(try await other.list("?cursor=\(cursor)").code == 10041)
        }
    }

    @Test func `a cursor is made of characters that need no escape`() async throws {
        try await withNamespace { namespace async throws in
            try await fill(namespace, (0..<20).map { "\u{FFFF}\u{10FFFF}?>~\u{7F}\(10 + $0)" })
            let cursor = try #require(try await namespace.list("?limit=10").info("cursor"))
            #expect(
                cursor.utf8.allSatisfy {
                    $0 == 0x2D || $0 == 0x5F || Character(Unicode.Scalar($0)).isLetter
                        || Character(Unicode.Scalar($0)).isNumber
                })
            #expect(try await namespace.list("?cursor=\(cursor)").info("count") == "10")
        }
    }
}
