import Foundation
import Glibc
import KVHTTP
import Testing

/// What a client does to the process it is in.
@Suite(.timeLimit(.minutes(1))) struct ProcessTests {
    @Test func `a process may end while TLS shakes hands`() async throws {
        let file = try await PeerProcess.shared.value.certificate("ca")
        let answer = PeerAnswer("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", then: .close)
        var plan = PeerPlan.answers(answer, tls: "good")
        plan.quiet = true
        try await withPeer(plan) { peer in
            let url = peer.url()
            for run in 0..<20 {
                await #expect(processExitsWith: .exitCode(7)) {
                    [url = url as String, file = file as String, run = run as Int] in
                    let options = HTTPOptions(environment: ["SSL_CERT_FILE": file])
                    try await withHTTPClient(options) { http in
                        for _ in 0..<32 {
                            // They end with the process.
                            Task { while true { _ = try await http.send(.get(url)) } }
                        }
                        // When exactly is what differs from run to run.
                        usleep(UInt32(20_000 + run * 7_000))
                        exit(7)
                    }
                }
            }
        }
    }

    @Test func `a connection that the other side has closed does not end the process`() async throws {
        try await withPeer(.answers(.status(413, "Connection: close", then: .close).with { $0.read = 1 })) { peer in
            let url = peer.url()
            await #expect(processExitsWith: .success) { [url = url as String] in
                signal(SIGPIPE, SIG_DFL)
                try await withHTTPClient(.with { $0.expectTimeout = nil }) { http in
                    for _ in 0..<10 {
                        _ = try? await http.send(.put(url, [UInt8](repeating: 1, count: 20_000_000)))
                    }
                }
            }
        }
    }

    @Test func `a signal that a program wants to know of is left alone`() async throws {
        try await withPeer(.fine) { peer in
            let url = peer.url()
            await #expect(processExitsWith: .success) { [url = url as String] in
                signal(SIGPIPE) { _ in }
                _ = try await reply(to: .get(url))
                var action = sigaction()
                sigaction(SIGPIPE, nil, &action)
                #expect(unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) > 1)
            }
        }
    }

    @Test func `programs that are started do not hold connections open`() async throws {
        try await withPeer(.fine) { peer in
            let (url, port) = (peer.url(), peer.port)
            await #expect(processExitsWith: .success) { [url = url as String, port = port as Int] in
                try await withHTTPClient(.with()) { http in
                    _ = try await http.send(.get(url))
                    let sockets = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
                        .compactMap { Int32($0) }.filter { isConnection($0, to: port) }
                    #expect(!sockets.isEmpty)
                    #expect(sockets.allSatisfy { fcntl($0, F_GETFD) & FD_CLOEXEC != 0 })
                }
            }
        }
    }
}

/// Whether a descriptor is a connection to a port.
private func isConnection(_ descriptor: Int32, to port: Int) -> Bool {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &size) }
    }
    return code == 0 && address.sin_family == sa_family_t(AF_INET) && Int(UInt16(bigEndian: address.sin_port)) == port
}
