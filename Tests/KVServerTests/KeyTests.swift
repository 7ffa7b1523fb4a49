import JSONText
import KVServer
import Testing

@Suite struct KeyTests {
    @Test(arguments: [
        ("a%2Fb", "a/b"), ("a%2F..%2Fb", "a/../b"), ("%2F", "/"), ("...", "..."), ("%2E%2E%2E", "..."), ("a+b", "a+b"),
        ("%2B", "+"), ("%20", " "), ("%00", "\u{0}"), ("%1F%7F", "\u{1F}\u{7F}"), ("%252F", "%2F"), ("%3F%23", "?#"),
        ("%F0%9F%98%80", "😀"), ("%EF%BF%BD", "\u{FFFD}"), ("%EF%BB%BFx", "\u{FEFF}x"), ("e%CC%81", "e\u{301}"),
        ("%C3%A9", "é"), ("^", "^"), ("a:@!$&'()*,;=", "a:@!$&'()*,;="), ("__proto__", "__proto__"), ("0", "0"),
        ("a/b/../c", "a/b/../c"), ("a//b", "a//b"), ("%5C%22", "\\\""), ("values", "values"), ("a/", "a/"),
    ])
    func `a key in a path is the key that its escapes stand for`(encoded: String, key: String) async throws {
        try await withNamespace { namespace async throws in
            #expect(try await namespace.put(encoded, "v").status == 200)
            #expect(try await namespace.get(encoded).text == "v")
            let row = "[{\"name\":\(JSONString.quoted(key))}]"
            let list = envelope(row, info: #"{"count":1,"cursor":""}"#)
            #expect(try await namespace.list().body == Array(list.utf8))
            #expect(try await namespace.metadata(encoded).status == 200)
            #expect(try await namespace.delete(encoded).status == 200)
            #expect(try await namespace.get(encoded).status == 404)
        }
    }

    @Test func `the rest of the query does not touch the key`() async throws {
        try await withNamespace { namespace async throws in
            #expect(try await namespace.put("a%3Fb", "v", query: "?url_encoded=true&urlencoded=true").status == 200)
            #expect(try await namespace.list().column("name") == ["a?b"])
        }
    }

    @Test(arguments: ["%", "%2", "%zz", "a%G0", "%FF", "%C0%AF", "%ED%A0%80", "%F4%90%80%80"])
    func `a key that is not percent-encoded UTF-8 is refused`(encoded: String) async throws {
        try await withNamespace { namespace async throws in
            for method in ["GET", "PUT", "DELETE"] {
                let reply = try await namespace.remote.call(method, "\(namespace.path)/values/\(encoded)", "v")
                #expect(reply.status == 400)
                #expect(reply.code == 10042)
            }
        }
    }

    @Test(arguments: [[0xC3, 0xA9], [0xFF], [0xEF, 0xBF, 0xBD]] as [[UInt8]])
    func `bare bytes outside of ASCII are refused, not guessed at`(bytes: [UInt8]) async throws {
        try await withNamespace { namespace async throws in
            let connection = try RawConnection(port: namespace.remote.running.port)
            let token = namespace.remote.running.token
            let head = "PUT \(namespace.path)/values/"
            let tail = " HTTP/1.1\r\nAuthorization: Bearer \(token)\r\nContent-Length: 1\r\n\r\nv"
            try await connection.send(Array(head.utf8) + bytes + Array(tail.utf8))
            #expect(try await connection.receive()?.status == 400)
            #expect(try await namespace.list().column("name").isEmpty)
        }
    }

    @Test(arguments: [".", "..", "%2E", "%2e%2E", ".%2e", ""])
    func `the empty key and the dot keys are refused in paths`(encoded: String) async throws {
        try await withNamespace { namespace async throws in
            for method in ["GET", "PUT", "DELETE"] {
                let reply = try await namespace.remote.call(method, "\(namespace.path)/values/\(encoded)", "v")
                #expect(reply.status == 400)
                #expect(reply.code == 10042)
            }
        }
    }

    @Test func `a key has 512 bytes at most, however it is written`() async throws {
        try await withNamespace { namespace async throws in
            let emoji = String(repeating: "%F0%9F%98%80", count: 128)
            #expect(try await namespace.put(emoji, "v").status == 200)
            #expect(try await namespace.get(emoji).text == "v")
            for method in ["GET", "PUT", "DELETE"] {
                let target = "\(namespace.path)/values/\(emoji)a"
                let reply = try await namespace.remote.call(method, target, "v")
                #expect(reply.status == 414)
                #expect(reply.code == 10030)
            }
            let message = try await namespace.get(emoji + "a").message
            #expect(message == "get: 'UTF-8 encoded length of 513 exceeds key length limit of 512.'")
        }
    }

    @Test(arguments: ["", ".", "..", String(repeating: "k", count: 513)])
    func `keys that are not allowed are refused in bodies too`(key: String) async throws {
        try await withNamespace { namespace async throws in
            let code = key.count > 2 ? 10030 : 10042
            let put = try await namespace.bulkPut(#"[{"key":"ok","value":"v"},{"key":"\#(key)","value":"v"}]"#)
            #expect(put.status == 400)
            #expect(put.code == code)
            #expect(try await namespace.list().column("name").isEmpty)
            #expect(try await namespace.bulkGet(#"{"keys":["\#(key)"]}"#).code == code)
            #expect(try await namespace.remote.call("DELETE", "\(namespace.path)/bulk", #"["\#(key)"]"#).code == code)
        }
    }

    @Test func `two spellings of a letter are two keys`() async throws {
        try await withNamespace { namespace async throws in
            try await namespace.put("%C3%A9", "one scalar")
            try await namespace.put("e%CC%81", "two scalars")
            #expect(try await namespace.get("%C3%A9").text == "one scalar")
            let reply = try await namespace.bulkGet(#"{"keys":["\u00e9","e\u0301"]}"#)
            #expect(reply.text == envelope("{\"values\":{\"\u{E9}\":\"one scalar\",\"e\u{301}\":\"two scalars\"}}"))
        }
    }
}
