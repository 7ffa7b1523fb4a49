import Foundation
import Glibc

/// The program of `Tests/HTTPPeers`, one for all tests of a process; it ends with this process.
struct PeerProcess: Sendable {
    /// Where the program takes orders.
    let port: UInt16
    /// Where it has put its certificates.
    let folder: String

    /// A test's server that could not be had.
    struct Failure: Error, CustomStringConvertible { let description: String }

    static let shared = Task.detached { try start() }

    private static let program = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "HTTPPeers/peers.py").path

    private static func start() throws -> PeerProcess {
        let folder = NSTemporaryDirectory() + "kvark-peers-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let (input, output) = (Pipe(), Pipe())
        // The program goes on as long as anybody holds the other end.
        _ = fcntl(input.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-B", "-W", "ignore", program, folder]
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = UInt16(line.prefix { $0.isNumber }) else {
            throw Failure(description: "python3 \(program) did not start")
        }
        keep(input)
        return PeerProcess(port: port, folder: folder)
    }

    /// Holds the pipe open to the end of this process.
    private static func keep(_ pipe: Pipe) { _ = Unmanaged.passRetained(pipe) }

    /// The path of a PEM file: `ca`, `good`, `self` and so on.
    func certificate(_ name: String) -> String { "\(folder)/\(name).pem" }

    /// A connection to the program.
    func connect() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw Failure(description: "the test's servers are gone: error \(errno)") }
        return descriptor
    }
}
