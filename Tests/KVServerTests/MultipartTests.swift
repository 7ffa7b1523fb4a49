import KVServer
import Testing

@Suite struct MultipartTests {
    private func put(_ namespace: RemoteNamespace, _ body: String, boundary: String = "b") async throws -> RawReply {
        try await namespace.put(
            "k", Array(body.utf8), headers: ["Content-Type": "multipart/form-data; boundary=\(boundary)"])
    }

    @Test func `a form holds value and metadata`() async throws {
        try await withNamespace { namespace async throws in
            #expect(try await namespace.put("k", "v\r\n--y", metadata: #" {"a": 1.0 } "#).status == 200)
            #expect(try await namespace.get("k").text == "v\r\n--y")
            #expect(try await namespace.metadata("k").text == envelope(#"{"a":1.0}"#))
        }
    }

    @Test func `a form needs no metadata, and null is none`() async throws {
        try await withNamespace { namespace async throws in
            let body = "--b\r\ncontent-disposition: form-data; name=value\r\n\r\n\r\n--b--\r\n"
            #expect(try await put(namespace, body).status == 200)
            #expect(try await namespace.get("k").body.isEmpty)
            #expect(try await namespace.put("k", "v", metadata: "null").status == 200)
            #expect(try await namespace.list().text.contains(#"[{"name":"k"}]"#))
        }
    }

    @Test func `parts may come in any order, after a preamble, with names in either case`() async throws {
        try await withNamespace { namespace async throws in
            let body = """
                preamble\r\n--b \r\nContent-Type: text/x\r\nCONTENT-DISPOSITION: form-data; filename="a;b"; name="metadata"\
                \r\n\r\n[]\r\n--b\r\nContent-Disposition: form-data; name="value"; filename="\\"x\\""\r\n\r\nv\r\n--b--tail
                """
            #expect(try await put(namespace, body).status == 200)
            #expect(try await namespace.get("k").text == "v")
            #expect(try await namespace.metadata("k").text == envelope("[]"))
        }
    }

    @Test(arguments: [
        "", "--b", "--b--", "--b\r\n", "--b\r\n\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"value\"\r\n\r\nv",
        "--b\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nv\r\n--b--",
        "--b\r\nContent-Disposition: attachment; name=\"value\"\r\n\r\nv\r\n--b--", "--b\r\n\r\n\r\nv\r\n--b--",
        "--c\r\nContent-Disposition: form-data; name=\"value\"\r\n\r\nv\r\n--c--",
    ])
    func `a form that cannot be read is refused`(body: String) async throws {
        try await withNamespace { namespace async throws in
            let reply = try await put(namespace, body)
            #expect(reply.status == 400)
            #expect(reply.code == 10012)
            #expect(try await put(namespace, body, boundary: "").code == 10012)
        }
    }

    @Test func `metadata has 1,024 bytes of compact JSON at most`() async throws {
        try await withNamespace { namespace async throws in
            let fits = "\"" + String(repeating: "é", count: 511) + "\""
            #expect(try await namespace.put("k", "v", metadata: " \(fits) ").status == 200)
            let tooLong = "\"" + String(repeating: "é", count: 511) + "a\""
            let reply = try await namespace.put("k", "v", metadata: tooLong)
            #expect(reply.status == 400)
            #expect(reply.code == 10047)
            #expect(reply.message == "put: 'Metadata length of 1025 exceeds limit of 1024.'")
        }
    }

    @Test(arguments: ["", "{", "undefined", "{'a':1}", "1 2", "\u{FEFF}1"])
    func `metadata that is not JSON is refused`(metadata: String) async throws {
        try await withNamespace { namespace async throws in
            let reply = try await namespace.put("k", "v", metadata: metadata)
            #expect(reply.status == 400)
            #expect(reply.code == 10047)
        }
    }
}
