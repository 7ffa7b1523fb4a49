import KVModel
import KVServer
import Testing

@Suite struct AuthenticationTests {
    @Test func `both kinds of credentials are taken`() async throws {
        try await withRemote { remote async throws in
            let token = remote.running.token
            for headers in [
                ["Authorization": "Bearer \(token)"], ["authorization": "bearer \(token)"],
                ["X-Auth-Key": token, "X-Auth-Email": "a@example.com"],
            ] {
                #expect(try await remote.send("GET", remote.namespaces, headers: headers).status == 200)
            }
        }
    }

    @Test(arguments: [
        [:], ["Authorization": "Bearer wrong"], ["X-Auth-Key": "wrong", "X-Auth-Email": "a@example.com"],
        ["Authorization": "Bearer secret-1"], ["Authorization": "Bearer secret-122"],
    ])
    func `a missing or wrong token is refused with 401`(headers: [String: String]) async throws {
        try await withRemote({ $0.token = "secret-12" }) { remote async throws in
            let reply = try await remote.send("GET", remote.namespaces, headers: headers)
            #expect(reply.status == 401)
            #expect(reply.code == 10000)
            #expect(reply.message == "Authentication error")
        }
    }

    @Test(arguments: [
        ["Authorization": "token"], ["Authorization": "Basic x"], ["Authorization": "Bearer"],
        ["Authorization": "Bearer a b"], ["X-Auth-Key": "x"],
    ])
    func `a malformed header is refused with 400`(headers: [String: String]) async throws {
        try await withRemote { remote async throws in
            let reply = try await remote.send("GET", remote.namespaces, headers: headers)
            #expect(reply.status == 400)
            #expect(reply.code == 6003)
        }
    }

    @Test func `a good token is verified with code 10000 among the messages`() async throws {
        try await withRemote { remote async throws in
            for path in ["/client/v4/user/tokens/verify", "\(remote.account)/tokens/verify"] {
                let reply = try await remote.call("GET", path)
                #expect(reply.status == 200)
                #expect(reply.result("status") == "active")
                #expect(reply.code == nil)
                let message = #""messages":[{"code":10000,"message":"This API Token is valid and active"}]"#
                #expect(reply.text.contains(message))
                #expect(try await remote.send("GET", path, headers: ["Authorization": "Bearer x"]).status == 401)
            }
        }
    }

    @Test func `the one account is listed and shown`() async throws {
        try await withRemote { remote async throws in
            let id = remote.running.accountID.rawValue
            let list = try await remote.call("GET", "/client/v4/accounts?page=1&per_page=50")
            #expect(list.column("id") == [id])
            #expect(list.info("total_count") == "1")
            #expect(try await remote.call("GET", "/client/v4/accounts?page=2").column("id").isEmpty)
            #expect(try await remote.call("GET", remote.account).result("id") == id)
            #expect(try await remote.call("GET", "/client/v4/memberships").code == 9106)
        }
    }

    @Test func `another account is not routed to`() async throws {
        try await withRemote { remote async throws in
            for account in ["0123456789abcdef0123456789abcdef", "x", "%2e"] {
                let reply = try await remote.call("GET", "/client/v4/accounts/\(account)/storage/kv/namespaces")
                #expect(reply.status == 404)
                #expect(reply.code == 7003)
                #expect(reply.text.contains("7000"))
            }
        }
    }

    @Test(arguments: ["", "/", "/client", "/client/v4", "/client/v4/", "/client/v5/accounts", "//client/v4/accounts"])
    func `a path outside of the API is no route`(path: String) async throws {
        try await withRemote { remote async throws in
            let reply = try await remote.call("GET", path.isEmpty ? "*" : path)
            #expect(reply.status == 404)
            #expect(reply.code == 7000)
        }
    }

    @Test func `a path that ends in something else is no route`() async throws {
        try await withNamespace { namespace async throws in
            for tail in ["/value/k", "/values", "/bulk/put", "/bulk/get/x", "/keys/x", "/metadata"] {
                let reply = try await namespace.remote.call("GET", namespace.path + tail)
                #expect(reply.status == 404)
                #expect(reply.code == 7000)
            }
        }
    }

    @Test func `a slash where an id or a name is missing reaches nothing`() async throws {
        try await withNamespace { namespace async throws in
            let remote = namespace.remote
            try await namespace.put("k", "v")
            let paths = [
                "\(namespace.path)/", "\(namespace.path)//", "\(namespace.path)/keys/", "\(namespace.path)/bulk/",
                "\(namespace.path)/bulk/get/", "\(namespace.path)/bulk/delete/", "\(namespace.path)/?expiration_ttl=60",
                "\(namespace.path)//values/k", "\(remote.namespaces)/", "\(remote.namespaces)//", "\(remote.account)/",
                "\(remote.namespaces)//values/k", "/client/v4/accounts/", "/client/v4/accounts//storage/kv/namespaces",
                "/client/v4/user/", "/client/v4/user/tokens/verify/", "/client/v4/memberships/",
            ]
            for path in paths {
                for method in ["GET", "PUT", "POST", "DELETE", "PATCH"] {
                    let reply = try await remote.call(method, path, #"{"title":"other"}"#)
                    #expect(reply.status == 404, "\(method) \(path)")
                    #expect(reply.code == 7003, "\(method) \(path)")
                }
            }
            #expect(try await remote.call("GET", namespace.path).result("title") == "test")
            #expect(try await namespace.get("k").text == "v")
            #expect(try await remote.call("GET", remote.namespaces).info("total_count") == "1")
        }
    }

    @Test func `a key may be empty or begin and end with slashes as far as the path goes`() async throws {
        try await withNamespace { namespace async throws in
            for key in ["/", "//", "a/", "/a", "a//b", "keys/", "bulk/"] {
                #expect(try await namespace.put(key, "of \(key)").status == 200)
                #expect(try await namespace.get(key).text == "of \(key)")
            }
            for key in ["", ".", "..", "%2E%2E", ".%2e"] {
                for method in ["GET", "PUT", "DELETE"] {
                    let reply = try await namespace.remote.call(method, "\(namespace.path)/values/\(key)", "x")
                    #expect(reply.status == 400, "\(method) \(key)")
                }
            }
        }
    }

    @Test func `the user is shown to whoever asks for him`() async throws {
        try await withRemote { remote async throws in
            let reply = try await remote.call("GET", "/client/v4/user")
            #expect(reply.status == 200)
            #expect(reply.result("email") == "kvark@example.invalid")
            #expect(try await remote.send("GET", "/client/v4/user").status == 401)
        }
    }

    @Test func `a service key is the token, too`() async throws {
        try await withRemote { remote async throws in
            for (key, status) in [(remote.running.token, 200), ("x", 401), ("", 401)] {
                let reply = try await remote.send(
                    "GET", remote.namespaces, headers: ["X-Auth-User-Service-Key": key])
                #expect(reply.status == status)
            }
        }
    }

    @Test func `a method that a path does not have is refused with 405`() async throws {
        try await withNamespace { namespace async throws in
            let remote = namespace.remote
            let wrong = [
                ("DELETE", remote.namespaces), ("POST", "/client/v4/user"), ("PATCH", namespace.path),
                ("POST", "\(namespace.path)/keys"), ("POST", "\(namespace.path)/values/k"),
                ("PUT", "\(namespace.path)/metadata/k"), ("GET", "\(namespace.path)/bulk"),
                ("GET", "\(namespace.path)/bulk/get"), ("PUT", "\(namespace.path)/bulk/delete"),
                ("POST", "/client/v4/user/tokens/verify"),
            ]
            for (method, path) in wrong {
                let reply = try await remote.call(method, path)
                #expect(reply.status == 405)
                #expect(reply.code == 10405)
            }
        }
    }
}
