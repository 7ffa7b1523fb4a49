import KVModel
import KVServer
import Testing

@Suite struct ValueTests {
    @Test func `every byte comes back`() async throws {
        try await withNamespace { namespace async throws in
            let value = (0...255).map { UInt8($0) } + [0xEF, 0xBB, 0xBF, 0x0D, 0x0A]
            let put = try await namespace.put("k", value)
            #expect(put.status == 200)
            #expect(put.text == envelope("null"))
            let get = try await namespace.get("k")
            #expect(get.body == value)
            #expect(get.headers["content-type"] == "application/octet-stream")
            #expect(get.headers["expiration"] == nil)
        }
    }

    @Test(arguments: ["application/json", "text/plain; charset=utf-16", "application/x-www-form-urlencoded", "junk"])
    func `a body that is no form is stored as it is`(contentType: String) async throws {
        try await withNamespace { namespace async throws in
            let body = #"{"value":"x","metadata":{}}"#
            try await namespace.put("k", Array(body.utf8), headers: ["Content-Type": contentType])
            #expect(try await namespace.get("k").text == body)
            #expect(try await namespace.metadata("k").text == envelope("null"))
        }
    }

    @Test func `an empty value is a value`() async throws {
        try await withNamespace { namespace async throws in
            #expect(try await namespace.put("k", [UInt8]()).status == 200)
            let reply = try await namespace.get("k")
            #expect(reply.status == 200)
            #expect(reply.body.isEmpty)
        }
    }

    @Test func `a value has 26,214,400 bytes at most, plain and in a form`() async throws {
        try await withNamespace { namespace async throws in
            var value = [UInt8](repeating: 0x61, count: KVLimits.valueBytes)
            value[0] = 0xFF
            #expect(try await namespace.put("k", value).status == 200)
            #expect(try await namespace.get("k").body == value)

            let tooLong = try await namespace.put("k", value + [0])
            #expect(tooLong.status == 413)
            #expect(tooLong.code == 10024)

            let start = Array("--b\r\nContent-Disposition: form-data; name=\"value\"; filename=\"f\"\r\n\r\n".utf8)
            let end = Array("\r\n--b--".utf8)
            let headers = ["Content-Type": "multipart/form-data; boundary=\"b\""]
            #expect(try await namespace.put("f", start + value + end, headers: headers).status == 200)
            #expect(try await namespace.get("f").body == value)
            #expect(try await namespace.put("f", start + value + [0] + end, headers: headers).status == 413)
        }
    }

    @Test func `a value far over the limit is answered, not cut off`() async throws {
        try await withNamespace { namespace async throws in
            let reply = try await namespace.put("k", [UInt8](repeating: 0, count: KVLimits.valueBytes + 5_000_000))
            #expect(reply.status == 413)
            #expect(try await namespace.get("k").status == 404)
        }
    }

    @Test func `a missing key is told from a missing namespace by its code`() async throws {
        try await withNamespace { namespace async throws in
            let get = try await namespace.get("k")
            #expect(get.status == 404)
            #expect(get.code == 10009)
            #expect(get.message == "get: 'key not found'")
            let metadata = try await namespace.metadata("k")
            #expect(metadata.status == 404)
            #expect(metadata.message == "metadata: 'key not found'")
        }
    }

    @Test func `deleting a key that never was succeeds`() async throws {
        try await withNamespace { namespace async throws in
            try await namespace.put("k", "v")
            for _ in 1...2 {
                let reply = try await namespace.delete("k")
                #expect(reply.status == 200)
                #expect(reply.text == envelope("null"))
            }
            #expect(try await namespace.get("k").status == 404)
        }
    }

    @Test func `an overwrite erases metadata and expiration that are not sent again`() async throws {
        try await withNamespace { namespace async throws in
            try await namespace.bulkPut(#"[{"key":"k","value":"v","metadata":1,"expiration_ttl":100}]"#)
            try await namespace.put("k", "w")
            #expect(try await namespace.get("k").headers["expiration"] == nil)
            #expect(try await namespace.metadata("k").text == envelope("null"))
        }
    }

    @Test func `a body that ends early is not stored`() async throws {
        try await withNamespace { namespace async throws in
            let connection = try RawConnection(port: namespace.remote.running.port)
            let headers = ["Authorization": "Bearer \(namespace.remote.running.token)", "Content-Length": "10"]
            let target = "\(namespace.path)/values/k"
            try await connection.send(Remote.request("PUT", target, headers: headers, body: nil) + [0x61])
            connection.finishSending()
            _ = try await connection.receive()
            #expect(try await namespace.get("k").status == 404)
        }
    }

    @Test func `a chunked body that ends early is not stored`() async throws {
        try await withNamespace { namespace async throws in
            let connection = try RawConnection(port: namespace.remote.running.port)
            let headers = ["Authorization": "Bearer \(namespace.remote.running.token)", "Transfer-Encoding": "chunked"]
            let target = "\(namespace.path)/values/k"
            let head = Remote.request("PUT", target, headers: headers, body: nil)
            try await connection.send(head + Array("3\r\nabc\r\n".utf8))
            connection.finishSending()
            _ = try await connection.receive()
            #expect(try await namespace.get("k").status == 404)
        }
    }

    @Test func `a chunked body is a body`() async throws {
        try await withNamespace { namespace async throws in
            let connection = try RawConnection(port: namespace.remote.running.port)
            let headers = ["Authorization": "Bearer \(namespace.remote.running.token)", "Transfer-Encoding": "chunked"]
            let target = "\(namespace.path)/values/k"
            let head = Remote.request("PUT", target, headers: headers, body: nil)
            try await connection.send(head + Array("3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n".utf8))
            #expect(try await connection.receive()?.status == 200)
            #expect(try await namespace.get("k").text == "abcd")
        }
    }

    @Test func `a client that waits for a word gets it before it sends`() async throws {
        try await withNamespace { namespace async throws in
            let connection = try RawConnection(port: namespace.remote.running.port)
            let token = namespace.remote.running.token
            let headers = ["Authorization": "Bearer \(token)", "Expect": "100-continue", "Content-Length": "1"]
            let target = "\(namespace.path)/values/k"
            try await connection.send(Remote.request("PUT", target, headers: headers, body: nil))
            #expect(try await connection.receive()?.status == 100)
            try await connection.send([0x61])
            #expect(try await connection.receive()?.status == 200)

            let refused = try RawConnection(port: namespace.remote.running.port)
            let long = headers.merging(["Content-Length": "99999999"]) { $1 }
            try await refused.send(Remote.request("PUT", target, headers: long, body: nil))
            let reply = try await refused.receive()
            #expect(reply?.status == 413)
            #expect(reply?.headers["connection"] == "close")
        }
    }
}
