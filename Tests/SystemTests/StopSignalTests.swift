import Foundation
import KVTestSupport
import Testing
import kvark

@Suite struct StopSignalTests {
    @Test func `signals arrive in their order and end nothing`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            var signals = await StopSignal.arriving().makeAsyncIterator()
            for signal in [StopSignal.terminate, .interrupt, .interrupt, .terminate] {
                kill(getpid(), signal.number)
                guard await signals.next() == signal else { exit(1) }
            }
            exit(7)
        }
    }

    @Test func `a signal arrives as often as it is sent`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            var signals = await StopSignal.arriving().makeAsyncIterator()
            for _ in 0..<200 {
                kill(getpid(), SIGINT)
                guard await signals.next() == .interrupt else { exit(1) }
            }
            exit(7)
        }
    }

    @Test func `a signal that nobody waits for is kept`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            let signals = await StopSignal.arriving()
            kill(getpid(), SIGINT)
            kill(getpid(), SIGTERM)
            // Two kinds of signals may change places on their way.
            var iterator = signals.makeAsyncIterator()
            let kept: Set<StopSignal?> = await [iterator.next(), iterator.next()]
            exit(kept == [.interrupt, .terminate] ? 7 : 1)
        }
    }

    @Test func `the streams of two listeners both have a signal`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            var one = await StopSignal.arriving().makeAsyncIterator()
            var other = await StopSignal.arriving().makeAsyncIterator()
            kill(getpid(), SIGTERM)
            let arrived = await [one.next(), other.next()]
            exit(arrived == [.terminate, .terminate] ? 7 : 1)
        }
    }

    @Test(arguments: [SIGINT, SIGTERM]) func `a server that a signal stops ends well`(signal: Int32) async throws {
        try await withTemporaryFolder { folder in
            let server = try ServerUnderSignals(in: folder.path)
            kill(server.process.processIdentifier, signal)
            try await server.process.ended()
            #expect(server.process.terminationReason == .exit && server.process.terminationStatus == 0)
        }
    }

    @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
    func `a second signal does not wait for a request in flight`(signal: Int32, status: Int32) async throws {
        try await withTemporaryFolder { folder in
            let server = try ServerUnderSignals(in: folder.path)
            let client = try server.requestWithoutEnd(in: folder.path)
            defer { kill(client.processIdentifier, SIGKILL) }
            kill(server.process.processIdentifier, SIGTERM)
            ServerUnderSignals.read(server.errors, until: "stopping\n")
            kill(server.process.processIdentifier, signal)
            try await server.process.ended()
            #expect(server.process.terminationReason == .exit && server.process.terminationStatus == status)
        }
    }
}

/// A `kvark serve` that listens.
private struct ServerUnderSignals {
    let process: Process
    let errors: FileHandle
    private let exports: [String: String?]

    init(in folder: String) throws {
        process = CommandRunner.makeProcess(CommandRunner.kvark, ["serve", "--in-memory", "--port", "0"], in: folder)
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        self.errors = errors.fileHandleForReading
        let text = Self.read(output.fileHandleForReading, until: "CLOUDFLARE_API_TOKEN=")
        exports = text.split(separator: "\n").reduce(into: [:]) { exports, line in
            let parts = line.dropFirst("export ".count).split(separator: "=", maxSplits: 1)
            if parts.count == 2 { exports[String(parts[0])] = String(parts[1]) }
        }
    }

    /// Starts a client whose request's body never comes, and waits until the server has its head.
    func requestWithoutEnd(in folder: String) throws -> Process {
        let script = """
            import os, socket, sys, urllib.parse
            url = urllib.parse.urlsplit(os.environ["CLOUDFLARE_API_BASE_URL"])
            path = url.path + "/accounts/" + os.environ["CLOUDFLARE_ACCOUNT_ID"] + "/storage/kv/namespaces"
            connection = socket.create_connection((url.hostname, url.port))
            head = ["POST " + path + " HTTP/1.1", "Host: " + url.netloc, "Content-Length: 20", "Expect: 100-continue",
                "Authorization: Bearer " + os.environ["CLOUDFLARE_API_TOKEN"], "", ""]
            connection.sendall("\\r\\n".join(head).encode())
            print(connection.recv(100).split(b"\\r")[0].decode(), flush=True)
            sys.stdin.read()
            """
        let python = try CommandRunner.requireTool("python3")
        let client = CommandRunner.makeProcess(python, ["-c", script], exports, in: folder)
        let output = Pipe()
        client.standardOutput = output
        client.standardInput = Pipe()
        try client.run()
        let answer = Self.read(output.fileHandleForReading, until: "\n")
        #expect(answer == "HTTP/1.1 100 Continue\n")
        return client
    }

    /// Reads until a text has come, or the end.
    @discardableResult static func read(_ handle: FileHandle, until end: String) -> String {
        var bytes = Data()
        while !String(decoding: bytes, as: UTF8.self).contains(end) {
            let piece = handle.availableData
            guard !piece.isEmpty else { break }
            bytes += piece
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
