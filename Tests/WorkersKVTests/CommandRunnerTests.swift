import Foundation
import KVTestSupport
import Testing

@Suite struct CommandRunnerTests {
    @Test func `a command is started with no signal blocked, so that it can be ended`() async throws {
        let output = try await Task.detached {
            try await CommandRunner.output(of: "grep", ["SigBlk", "/proc/self/status"])
        }.value
        #expect(String(decoding: output, as: UTF8.self) == "SigBlk:\t0000000000000000\n")
    }

    @Test func `a write to a command that has ended is an error`() throws {
        let process = Process()
        process.executableURL = URL(filePath: try CommandRunner.requireTool("true"))
        let input = Pipe()
        process.standardInput = input
        try CommandRunner.start(process)
        process.waitUntilExit()
        try input.fileHandleForReading.close()
        #expect(throws: (any Error).self) { try input.fileHandleForWriting.write(contentsOf: Data([1])) }
    }
}
