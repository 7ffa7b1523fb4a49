package import Foundation

/// Runs external commands: the oracles that tests compare with, and the program under test.
package enum CommandRunner {
    /// How a command ended.
    package struct Outcome: Sendable {
        /// The exit status, or the number of the signal that ended the command.
        package var status: Int32
        /// Whether a signal ended it.
        package var wasSignalled: Bool
        /// All it wrote to standard output.
        package var output: [UInt8]
        /// All it wrote to standard error.
        package var errorOutput: [UInt8]

        /// Standard output as text.
        package var outputText: String { String(decoding: output, as: UTF8.self) }
        /// Standard error as text.
        package var errorText: String { String(decoding: errorOutput, as: UTF8.self) }
        /// The lines of standard output, without line feeds.
        package var outputLines: [String] { outputText.split(separator: "\n").map(String.init) }
    }

    /// A command that a test needs and that failed or is not there.
    package struct Failure: Error, CustomStringConvertible {
        /// What is wrong and what helps.
        package let description: String
    }

    /// Runs a command to its end.
    ///
    /// Input and output go through files, so that no amount of either can block the command or the test.
    ///
    /// - Parameters:
    ///   - command: A path, or a name to look for in `PATH`.
    ///   - arguments: What follows the name.
    ///   - input: Standard input, empty unless given.
    ///   - environment: The whole environment; the test's own unless given.
    ///   - folder: The working folder; the test's own unless given.
    /// - Returns: How it ended and what it wrote.
    /// - Throws: A ``Failure`` when the command cannot be started; a status other than 0 is an outcome.
    package static func run(
        _ command: String, _ arguments: [String] = [], input: [UInt8] = [], environment: [String: String]? = nil,
        folder: URL? = nil
    ) async throws -> Outcome {
        let path = command.contains("/") ? command : try requireTool(command)
        return try await withTemporaryFolder { files in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments = arguments
            if let environment { process.environment = environment }
            if let folder { process.currentDirectoryURL = folder }
            let inputFile = files.appending(path: "input")
            try Data(input).write(to: inputFile)
            let inputHandle = try FileHandle(forReadingFrom: inputFile)
            let (outputFile, outputHandle) = try makeFile(in: files, "output")
            let (errorFile, errorHandle) = try makeFile(in: files, "error")
            process.standardInput = inputHandle
            process.standardOutput = outputHandle
            process.standardError = errorHandle
            try await runToEnd(process)
            for handle in [inputHandle, outputHandle, errorHandle] { try handle.close() }
            return Outcome(
                status: process.terminationStatus, wasSignalled: process.terminationReason == .uncaughtSignal,
                output: Array(try Data(contentsOf: outputFile)), errorOutput: Array(try Data(contentsOf: errorFile)))
        }
    }

    /// Runs a command that must succeed, and returns what it wrote to standard output.
    package static func output(
        of command: String, _ arguments: [String] = [], input: [UInt8] = [], environment: [String: String]? = nil,
        folder: URL? = nil
    ) async throws -> [UInt8] {
        let outcome = try await run(command, arguments, input: input, environment: environment, folder: folder)
        guard outcome.status == 0, !outcome.wasSignalled else {
            throw Failure(description: "\(command) ended with \(outcome.status): \(outcome.errorText)")
        }
        return outcome.output
    }

    /// Runs a Python 3 script that must succeed, and returns what it wrote to standard output.
    ///
    /// Standard streams are UTF-8 whatever the locale; a script that wants bytes uses `sys.stdin.buffer`.
    package static func python(_ script: String, _ arguments: [String] = [], input: [UInt8] = []) async throws
        -> [UInt8]
    {
        try await output(of: "python3", ["-X", "utf8", "-c", script] + arguments, input: input)
    }

    /// The path of a tool.
    ///
    /// - Returns: Where the first executable file of this name in `PATH` is.
    /// - Throws: A ``Failure`` that says how to install it.
    @discardableResult package static func requireTool(_ name: String) throws -> String {
        let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":").map(String.init) ?? []
        for folder in folders + ["/usr/local/bin", "/usr/bin", "/bin"] {
            let path = folder + "/" + name
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        throw Failure(description: "this test needs \(name): apt-get install -y \(packages[name] ?? name)")
    }

    /// The Debian packages of tools that are not named as their packages are.
    private static let packages = [
        "sha256sum": "coreutils", "base64": "coreutils", "xxd": "xxd", "sqlite3": "sqlite3", "ss": "iproute2",
        "setfattr": "attr", "nc": "netcat-openbsd",
    ]

    private static func makeFile(in folder: URL, _ name: String) throws -> (URL, FileHandle) {
        let file = folder.appending(path: name)
        try Data().write(to: file)
        return (file, try FileHandle(forWritingTo: file))
    }

    /// Starts a process so that signals reach it as they reach a command of a shell.
    ///
    /// Also from here on, a write to a program that has ended is an error, and does not end the tests.
    package static func start(_ process: Process) throws {
        ignoreBrokenPipes
        // The threads on which tasks run block most signals, and a child inherits that: it could not be ended.
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try process.run()
    }

    private static let ignoreBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

    private static func runToEnd(_ process: Process) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do {
                try start(process)
            } catch {
                // A process that never ran has no end to report.
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
    }
}
