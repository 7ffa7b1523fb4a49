import KVServer
import Testing

@Suite struct ExpirationTests {
    @Test(arguments: [
        ("expiration_ttl=60", 1_060), ("expiration_ttl=60.9", 1_060), ("expiration_ttl=%2060x", 1_060),
        ("expiration=1060", 1_060), ("expiration=1e9&expiration_ttl=100", 1_100),
        ("expiration=1&expiration_ttl=60", 1_060), ("expiration=9007199254740991", 9_007_199_254_740_991),
    ])
    func `an expiration 60 seconds ahead is taken, and a TTL wins`(query: String, moment: Int) async throws {
        let clock = HandClock(at: 1_000)
        try await withNamespace({ $0.now = { clock.now } }) { namespace async throws in
            #expect(try await namespace.put("k", "v", query: "?\(query)").status == 200)
            #expect(try await namespace.get("k").headers["expiration"] == "\(moment)")
        }
    }

    @Test(arguments: [
        ("expiration_ttl=59", 10034, "Invalid expiration_ttl of 59. Expiration TTL must be at least 60."),
        ("expiration_ttl=0", 10034, "Invalid expiration_ttl of 0. Please specify integer greater than 0."),
        ("expiration_ttl=-1", 10034, "Invalid expiration_ttl of -1. Please specify integer greater than 0."),
        ("expiration_ttl=x", 10034, "Invalid expiration_ttl of x. Please specify integer greater than 0."),
        ("expiration_ttl=59&expiration=9999", 10034, "at least 60."),
        ("expiration=1000", 10033, "greater than the current number of seconds since the UNIX epoch."),
        ("expiration=", 10033, "Invalid expiration of ."),
        ("expiration=1059", 10033, "Expiration times must be at least 60 seconds in the future."),
        ("expiration=99999999999999999999999", 10033, "Invalid expiration"),
        ("expiration_ttl=99999999999999999999999", 10034, "Invalid expiration_ttl"),
    ])
    func `an expiration that is too near or no number is refused`(
        query: String, code: Int, text: String
    ) async throws {
        let clock = HandClock(at: 1_000)
        try await withNamespace({ $0.now = { clock.now } }) { namespace async throws in
            let reply = try await namespace.put("k", "v", query: "?\(query)")
            #expect(reply.status == 400)
            #expect(reply.code == code)
            #expect(reply.message?.contains(text) == true)
            #expect(try await namespace.get("k").status == 404)
        }
    }

    @Test(
        arguments: [
            (#""expiration_ttl":60"#, nil), (#""expiration_ttl":59"#, 10034), (#""expiration_ttl":60.9"#, nil),
            (#""expiration":1060"#, nil), (#""expiration":1059"#, 10033), (#""expiration":1,"expiration_ttl":60"#, nil),
            (#""expiration":0"#, 10033), (#""expiration":null,"expiration_ttl":null"#, nil),
            (#""expiration":1e4"#, nil),
            (#""expiration":1e400"#, 10033), (#""expiration":18446744073709551616"#, 10033),
            (#""expiration_ttl":-9223372036854775808"#, 10034),
        ] as [(String, Int?)])
    func `the same rules hold in a bulk write`(members: String, code: Int?) async throws {
        let clock = HandClock(at: 1_000)
        try await withNamespace({ $0.now = { clock.now } }) { namespace async throws in
            let reply = try await namespace.bulkPut(#"[{"key":"k","value":"v",\#(members)}]"#)
            #expect(reply.code == code)
            #expect(reply.status == (code == nil ? 200 : 400))
        }
    }

    @Test func `an expired key is invisible at once, everywhere`() async throws {
        let clock = HandClock(at: 1_000)
        try await withNamespace({ $0.now = { clock.now } }) { namespace async throws in
            try await namespace.put("k", "v", query: "?expiration_ttl=60")
            clock.advance(by: 59)
            #expect(try await namespace.get("k").status == 200)
            clock.advance(by: 1)
            #expect(try await namespace.get("k").code == 10009)
            #expect(try await namespace.metadata("k").code == 10009)
            #expect(try await namespace.list().column("name").isEmpty)
            #expect(try await namespace.bulkGet(#"{"keys":["k"]}"#).text == envelope(#"{"values":{"k":null}}"#))
        }
    }

    @Test func `expired keys are removed, others stay`() async throws {
        let clock = HandClock(at: 1_000)
        try await withNamespace { options in
            options.now = { clock.now }
            options.sweepInterval = nil
        } _: { namespace async throws in
            try await namespace.put("a", "v", query: "?expiration_ttl=60")
            try await namespace.put("b", "v", query: "?expiration_ttl=61")
            try await namespace.put("c", "v")
            clock.advance(by: 60)
            #expect(try await namespace.remote.running.sweep() == 1)
            #expect(try await namespace.list().column("name") == ["b", "c"])
        }
    }
}
