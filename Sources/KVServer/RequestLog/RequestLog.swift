import Foundation
import JSONText
import KVModel
import Synchronization

/// What is noted of a request.
struct RequestNote: Sendable {
    var method: String
    var route: Route
    var target: String
    var status: Int
    var requestBytes: Int
    var responseBytes: Int
    var keyCount: Int?
    /// How many more requests the limit's window has, where there is a limit.
    var remaining: Int?
    /// What has no effect in the request.
    var warnings: [RequestWarning] = []
}

/// A file to which a line of JSON is appended for each request, before the request is answered.
///
/// ```
/// {"time":"2026-11-23T13:23:05Z","method":"POST","route":"bulk-get","path":"/client/v4/…","status":200,
///  "requestBytes":812,"responseBytes":21345,"keys":100}
/// ```
///
/// (in one line), and with a limit of requests `"remaining"`, what is left of it; with `"warnings"` what has no effect in the
/// request. Who has received an answer finds its line.
final class RequestLog: Sendable {
    private let descriptor: Int32
    private let now: @Sendable () -> UnixTime
    private let turn = Mutex(())

    /// Opens the file, or makes it.
    init(path: String, now: @escaping @Sendable () -> UnixTime) throws(KVServerError) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw KVServerError(
                .requestLogUnusable, "cannot open the request log \(path): \(DataFolder.systemError())")
        }
        self.now = now
    }

    deinit { Glibc.close(descriptor) }

    /// Appends a line.
    func append(_ note: RequestNote) {
        let line = Self.line(note, at: now())
        turn.withLock { _ in
            var rest = line[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
                // A full disk costs the log, not the answer.
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }

    private static func line(_ note: RequestNote, at moment: UnixTime) -> [UInt8] {
        var out: [UInt8] = []
        out += "{\"time\":\"\(time(moment))\",\"method\":".utf8
        JSONString.append(note.method, to: &out)
        out += ",\"route\":\"\(note.route.rawValue)\",\"path\":".utf8
        JSONString.append(note.target, to: &out)
        out += ",\"status\":\(note.status),\"requestBytes\":\(note.requestBytes)".utf8
        out += ",\"responseBytes\":\(note.responseBytes)".utf8
        if let keyCount = note.keyCount { out += ",\"keys\":\(keyCount)".utf8 }
        if let remaining = note.remaining { out += ",\"remaining\":\(remaining)".utf8 }
        append(note.warnings, to: &out)
        out += "}\n".utf8
        return out
    }

    private static func append(_ warnings: [RequestWarning], to out: inout [UInt8]) {
        guard !warnings.isEmpty else { return }
        out += ",\"warnings\":[".utf8
        for (index, warning) in warnings.enumerated() {
            if index > 0 { out.append(0x2C) }
            JSONString.append(warning.text, to: &out)
        }
        out.append(0x5D)
    }

    private static func time(_ moment: UnixTime) -> String {
        Date(timeIntervalSince1970: TimeInterval(moment.seconds)).formatted(.iso8601)
    }
}
