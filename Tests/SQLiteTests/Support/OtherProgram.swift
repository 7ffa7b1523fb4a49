import Foundation

/// Another program that has a database open: Python's `sqlite3`, which ends when its input does.
struct OtherProgram {
    /// A script that failed before it came to `ready()`.
    struct Failure: Error {
        let status: Int32
    }

    private let process = Process()
    private let input = Pipe()

    /// Runs a script to the line in which it calls `ready()`, behind which it waits until it is ended.
    ///
    /// - Parameters:
    ///   - path: The database, which is `db` in the script.
    ///   - script: What it does.
    /// - Throws: A ``Failure``; what keeps it from being started.
    init(on path: String, _ script: String) throws {
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        let prologue = """
            import os, sqlite3, sys
            db = sqlite3.connect(sys.argv[1], isolation_level=None)
            def ready():
                os.write(1, b"ready")
                sys.stdin.read()

            """
        process.arguments = ["python3", "-X", "utf8", "-c", prologue + script, path]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        guard try output.fileHandleForReading.read(upToCount: 5)?.count == 5 else {
            process.waitUntilExit()
            throw Failure(status: process.terminationStatus)
        }
    }

    /// Lets the program end.
    func end() throws {
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
