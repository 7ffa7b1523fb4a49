import KVHTTP
import Testing

@Suite(.timeLimit(.minutes(1))) struct BodyTests {
    /// Bytes that show when some are lost, doubled or moved.
    private static func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 0x9E37_79B9) >> 13) }
    }

    /// What SHA-256 makes of nothing and of one zero, as `sha256sum` says.
    @Test(arguments: [
        ([UInt8](), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ([0], "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (Array("abc".utf8), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
    func `small bodies arrive`(body: [UInt8], sha256: String) async throws {
        try await withPeer(.fine) { peer in
            let reply = try await reply(to: .put(peer.url(), body))

            #expect(reply.status == 200)
            let head = try #require(try await peer.next("head").text)
            #expect(head.contains("\r\nContent-Length: \(body.count)"))
            if !body.isEmpty { #expect(try await peer.next("body").sha256 == sha256) }
        }
    }

    @Test func `bodies arrive that are as large as the library's buffers, or not quite`() async throws {
        let sizes = [1 << 15, 1 << 16, 1 << 17, 1 << 18, 1 << 20].flatMap { [$0 - 1, $0, $0 + 1] }
        try await withPeer(.fine) { peer in
            try await withHTTPClient(.with()) { http in
                for size in sizes {
                    let bytes = Self.bytes(size)
                    // One array of a text, without quotes: its bytes are those of the plain body between brackets.
                    _ = try await http.send(HTTPRequest("PUT", peer.url(), body: .bytes([0x5B] + bytes + [0x5D])))
                    let plain = try await peer.next("body")
                    _ = try await http.send(HTTPRequest("PUT", peer.url(), body: .array([bytes])))
                    let array = try await peer.next("body")

                    #expect(plain.count == size + 2 && array.count == size + 2)
                    #expect(plain.sha256 == array.sha256)
                }
            }
        }
    }

    @Test(arguments: [nil, "good"]) func `ninety megabytes of parts arrive to the byte`(tls: String?) async throws {
        let bytes = Self.bytes(300_000)
        var (parts, whole) = ([[UInt8]](), [UInt8]())
        for number in 0..<600 {
            parts.append(Array(bytes[(number % 1_000)..<(150_000 + number)]))
            whole += [number == 0 ? 0x5B : 0x2C] + (parts.last ?? [])
        }
        whole.append(0x5D)
        try await withPeer(PeerPlan(tls: tls)) { peer in
            try await withHTTPClient(.trusting()) { http in
                let reply = try await http.send(HTTPRequest("PUT", peer.url(), body: .array(parts)))
                #expect(reply.status == 200 && reply.timesSent == 1)
                let array = try await peer.next("body")
                _ = try await http.send(.put(peer.url(), whole))
                let plain = try await peer.next("body")

                #expect(array.count == whole.count && whole.count > 90_000_000)
                #expect(array.sha256 == plain.sha256)
            }
        }
    }

    @Test func `an empty array of parts has its brackets`() async throws {
        try await withPeer(.fine) { peer in
            try await withHTTPClient(.with()) { http in
                _ = try await http.send(HTTPRequest("PUT", peer.url(), body: .array([])))
                _ = try await http.send(.put(peer.url(), Array("[]".utf8)))
            }
            let (array, plain) = (try await peer.next("body"), try await peer.next("body"))
            #expect(array.count == 2 && array.sha256 == plain.sha256)
        }
    }
}
