import Foundation
import Glibc
import Synchronization

/// An HTTP server that answers with the bytes a test gives it, right or wrong, and remembers what it was asked.
///
/// Raw on purpose: only a server without an HTTP library can cut a body, reset a connection or answer nonsense.
public final class ScriptedServer: Sendable {
    /// What the server was asked.
    public struct Request: Sendable {
        /// The method; `TLS` for a client that begins with a handshake, which comes without anything else.
        public var method: String
        /// The request target exactly as it came over the wire.
        public var target: String
        /// Header names in lower case.
        public var headers: [String: String]
        /// The body.
        public var body: [UInt8]
        /// Which connection it came over, counted from 0.
        public var connection = 0
    }

    /// What the server does with a request.
    public enum Answer: Sendable {
        /// Sends bytes and keeps the connection for the next request.
        case bytes([UInt8])
        /// Sends bytes and closes the connection.
        case bytesThenClose([UInt8])
        /// Sends bytes and resets the connection.
        case bytesThenReset([UInt8])
        /// Sends nothing more until the test is over.
        case silence

        /// A whole answer with a status, headers and a body.
        public static func http(
            _ status: Int, _ body: String, type: String = "application/json", headers: [String: String] = [:]
        ) -> Answer {
            .http(status, Array(body.utf8), type: type, headers: headers)
        }

        /// A whole answer with a status, headers and a body.
        public static func http(
            _ status: Int, _ body: [UInt8], type: String = "application/json", headers: [String: String] = [:]
        ) -> Answer {
            var head = "HTTP/1.1 \(status) Status\r\ncontent-type: \(type)\r\ncontent-length: \(body.count)\r\n"
            for (name, value) in headers { head += "\(name): \(value)\r\n" }
            return .bytes(Array("\(head)\r\n".utf8) + body)
        }

        /// An envelope that reports success.
        public static func success(_ result: String = "null", info: String? = nil) -> Answer {
            let tail = info.map { ",\"result_info\":\($0)" } ?? ""
            return http(200, #"{"success":true,"errors":[],"messages":[],"result":\#(result)\#(tail)}"#)
        }

        /// A list of keys that is all there is; the names go into JSON strings as they are.
        public static func keyList(_ names: [String] = []) -> Answer {
            let rows = names.map { "{\"name\":\"\($0)\"}" }
            return success(
                "[\(rows.joined(separator: ","))]", info: "{\"count\":\(names.count),\"cursor\":\"\"}")
        }

        /// An envelope that reports a failure.
        public static func failure(
            _ status: Int, code: Int, _ message: String, headers: [String: String] = [:]
        ) -> Answer {
            http(
                status,
                #"{"success":false,"errors":[{"code":\#(code),"message":"\#(message)"}],"messages":[],"result":null}"#,
                headers: headers)
        }
    }

    /// Where the server listens.
    public let port: Int
    private let listener: Int32
    private let state = Mutex(
        (requests: [Request](), connections: Set<Int32>(), accepted: 0, isStopped: false))
    private let answer: @Sendable (Request, Int) -> Answer
    private let refusesQuestions: Bool

    /// The requests so far, in the order in which they came.
    public var requests: [Request] { state.withLock { $0.requests } }

    private init(refusesQuestions: Bool, _ answer: @escaping @Sendable (Request, Int) -> Answer) throws {
        self.answer = answer
        self.refusesQuestions = refusesQuestions
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    /// Runs a server while the body runs.
    ///
    /// - Parameters:
    ///   - refusesQuestions: Whether it answers 417 to the question whether a body may be sent, as old proxies do, and
    ///     counts that as a request without a body. Otherwise it does not hear the question.
    ///   - answer: Gives the answer to a request; its second argument counts requests from 0.
    ///   - body: The test.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    public static func withServer<Result>(
        refusesQuestions: Bool = false, _ answer: @escaping @Sendable (Request, Int) -> Answer,
        _ body: (ScriptedServer) async throws -> Result
    ) async throws -> Result {
        let server = try ScriptedServer(refusesQuestions: refusesQuestions, answer)
        Thread.detachNewThread { server.acceptConnections() }
        defer { server.stop() }
        return try await body(server)
    }

    private func stop() {
        // Descriptors are closed by the threads that use them: a number that is closed under a thread may by then be
        // another test's connection.
        state.withLock { state in
            state.isStopped = true
            for connection in state.connections { shutdown(connection, Int32(SHUT_RDWR)) }
        }
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func acceptConnections() {
        while true {
            let connection = accept(listener, nil, nil)
            let (isStopped, number) = state.withLock { state in
                if connection >= 0, !state.isStopped {
                    state.connections.insert(connection)
                    state.accepted += 1
                }
                return (state.isStopped, state.accepted - 1)
            }
            if connection < 0 || isStopped {
                if connection >= 0 { close(connection) }
                close(listener)
                return
            }
            Thread.detachNewThread { [self] in
                serve(connection, number)
                state.withLock { state in
                    state.connections.remove(connection)
                    close(connection)
                }
            }
        }
    }

    private func serve(_ connection: Int32, _ number: Int) {
        var buffer: [UInt8] = []
        while var request = Self.readHead(connection, &buffer) {
            request.connection = number
            let isRefused = refusesQuestions && request.headers["expect"] != nil
            if !isRefused, !Self.readBody(of: &request, connection, &buffer) { return }
            let index = state.withLock { [request] state in
                state.requests.append(request)
                return state.requests.count - 1
            }
            switch isRefused ? .http(417, "no questions") : answer(request, index) {
            case .bytes(let bytes):
                guard Self.send(bytes, to: connection) else { return }
            case .bytesThenClose(let bytes):
                _ = Self.send(bytes, to: connection)
                return
            case .bytesThenReset(let bytes):
                _ = Self.send(bytes, to: connection)
                var option = linger(l_onoff: 1, l_linger: 0)
                setsockopt(connection, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
                return
            case .silence:
                // Ends when the client gives up or the server stops.
                while Self.receive(connection) != nil {}
                return
            }
        }
    }

    private static func readHead(_ connection: Int32, _ buffer: inout [UInt8]) -> Request? {
        let blank = Array("\r\n\r\n".utf8)
        var end = buffer.firstRange(of: blank)
        while end == nil {
            guard let more = receive(connection) else { return nil }
            buffer += more
            // The first byte of a TLS handshake, and of no HTTP method.
            if buffer.first == 0x16 { return Request(method: "TLS", target: "", headers: [:], body: []) }
            end = buffer.firstRange(of: blank)
        }
        guard let end else { return nil }
        let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let words = lines[0].components(separatedBy: " ")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                in: .whitespaces)
        }
        buffer.removeSubrange(..<end.upperBound)
        return Request(method: words[0], target: words.count > 1 ? words[1] : "", headers: headers, body: [])
    }

    /// Reads the body that the head has announced; whether all of it came.
    private static func readBody(of request: inout Request, _ connection: Int32, _ buffer: inout [UInt8]) -> Bool {
        let length = request.headers["content-length"].flatMap { Int($0) } ?? 0
        while buffer.count < length {
            guard let more = receive(connection) else { return false }
            buffer += more
        }
        request.body = Array(buffer.prefix(length))
        buffer.removeFirst(length)
        return true
    }

    private static func receive(_ connection: Int32) -> [UInt8]? {
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = recv(connection, &chunk, chunk.count, 0)
        return count > 0 ? Array(chunk.prefix(count)) : nil
    }

    private static func send(_ bytes: [UInt8], to connection: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count <= 0 { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
