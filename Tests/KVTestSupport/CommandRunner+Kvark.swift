package import Foundation

extension CommandRunner {
    /// The built command, beside the test bundle.
    package static var kvark: String {
        let tests = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(filePath: tests ?? CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "kvark")
            .path
    }

    /// The environment of the tests with some variables changed; `nil` removes one.
    package static func environment(changing changes: [String: String?]) -> [String: String] {
        var variables = ProcessInfo.processInfo.environment
        for (name, value) in changes { variables[name] = value }
        return variables
    }

    /// Makes a process that is not started yet, for commands that go on beside a test.
    package static func makeProcess(
        _ command: String, _ arguments: [String], _ changes: [String: String?] = [:], in folder: String
    ) -> Process {
        let process = Process()
        process.executableURL = URL(filePath: command)
        process.arguments = arguments
        process.environment = environment(changing: changes)
        process.currentDirectoryURL = URL(filePath: folder)
        return process
    }
}

extension CommandRunner.Outcome {
    /// The last line of standard output.
    package var lastLine: String { outputLines.last ?? "" }
}
