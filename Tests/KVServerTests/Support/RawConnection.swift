import Dispatch
import Foundation

/// An HTTP/1.1 connection that sends exactly the bytes it is given, so that request targets arrive untouched.
final class RawConnection: Sendable {
    /// A connection that broke, or an answer that is none.
    struct Failure: Error {
        var reason: String
    }

    private let descriptor: Int32
    // The server's own tasks need the threads of the concurrency pool; blocking calls stay away from them.
    private let queue = DispatchQueue(label: "raw-connection")

    /// Connects over loopback.
    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr = in_addr(s_addr: in_addr_t(0x7F00_0001).bigEndian)
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(reason: "connect: \(errno)") }
    }

    deinit { close(descriptor) }

    /// Sends bytes without waiting for an answer.
    func send(_ bytes: [UInt8]) async throws {
        try await blocking {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes {
                    Glibc.send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { throw Failure(reason: "send: \(errno)") }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Says that nothing more will be sent.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Reads one answer, as long as its `Content-Length` says; `nil` if the connection ends instead.
    func receive() async throws -> RawReply? {
        try await blocking {
            var bytes: [UInt8] = []
            while true {
                if let reply = RawReply(bytes) { return reply }
                var chunk = [UInt8](repeating: 0, count: 1 << 16)
                let count = recv(self.descriptor, &chunk, chunk.count, 0)
                if count <= 0 { return nil }
                bytes += chunk.prefix(count)
            }
        }
    }

    private func blocking<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Swift.Result { try work() }) }
        }
    }
}

/// An answer as it came over the wire.
struct RawReply: Sendable, Equatable {
    var status: Int
    /// The fields by name in lower case.
    var headers: [String: String] = [:]
    var body: [UInt8]

    /// Reads an answer; `nil` if it is not complete.
    init?(_ bytes: [UInt8]) {
        let end = Array("\r\n\r\n".utf8)
        guard bytes.count >= end.count,
            let headEnd = (0...bytes.count - end.count).first(where: { bytes[$0..<$0 + end.count].elementsEqual(end) })
        else { return nil }
        let lines = String(decoding: bytes[..<headEnd], as: UTF8.self).split(separator: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        guard bytes.count >= headEnd + end.count + length else { return nil }
        self.status = status
        body = Array(bytes[(headEnd + end.count)..<(headEnd + end.count + length)])
    }

    /// The body as text.
    var text: String { String(decoding: body, as: UTF8.self) }

    /// The code of the first error.
    var code: Int? { (errors.first?["code"] as? NSNumber)?.intValue }

    /// The message of the first error.
    var message: String? { errors.first?["message"] as? String }

    private var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:] }
    private var errors: [[String: Any]] { json["errors"] as? [[String: Any]] ?? [] }

    /// A text in `result`.
    func result(_ name: String) -> String? { (json["result"] as? [String: Any])?[name] as? String }

    /// The texts under one name in the rows of `result`.
    func column(_ name: String) -> [String] {
        (json["result"] as? [[String: Any]] ?? []).map { $0[name] as? String ?? "" }
    }

    /// What `result_info` says.
    func info(_ name: String) -> String? { (json["result_info"] as? [String: Any])?[name].map { "\($0)" } }
}
