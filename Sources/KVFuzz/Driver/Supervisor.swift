import Foundation
import Glibc

/// Starts a worker, watches it, and keeps the input with which it failed.
struct Supervisor {
    let target: String
    let seedFolder: String
    let seed: UInt64
    let seconds: Int
    /// How long an input may take.
    let patience: Int
    /// How much memory the worker may take, in bytes.
    let memoryLimit: Int
    /// Where inputs go with which a worker failed.
    let crashFolder: String

    /// How a worker failed, and the file with the input.
    struct Failure {
        var reason: String
        var inputPath: String
    }

    /// Runs a worker to its end and prints what it did.
    ///
    /// - Returns: How it failed, or `nil` if it did not.
    func run() async throws -> Failure? {
        let slot = try InputSlot.temporary()
        defer { slot.remove() }
        let start = ContinuousClock.now
        let process = try startWorker(slot)
        let reason = try await watch(process, slot)
        report(slot, ContinuousClock.now - start)
        guard let reason else { return nil }
        return Failure(reason: reason, inputPath: try keep(slot.input))
    }

    private func startWorker(_ slot: InputSlot) throws -> Process {
        let process = Process()
        process.executableURL = URL(
            filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        process.arguments = [
            "--target", target, "--seeds", seedFolder, "--seed", String(seed), "--seconds", String(seconds),
            "--memory", String(memoryLimit >> 20), "--worker", slot.path,
        ]
        // A backtrace takes seconds and is had again with the input that is kept.
        process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        try process.run()
        return process
    }

    /// Waits for the end of a worker, or ends it.
    private func watch(_ process: Process, _ slot: InputSlot) async throws -> String? {
        var inputs = 0
        var lastProgress = ContinuousClock.now
        while process.isRunning {
            try await Task.sleep(for: .milliseconds(50))
            if slot.inputs != inputs {
                inputs = slot.inputs
                lastProgress = .now
            }
            if ContinuousClock.now - lastProgress > .seconds(patience) {
                kill(process)
                return "no progress for \(patience) s"
            }
            // A worker that never comes back from an input cannot measure itself.
            if let bytes = residentBytes(process.processIdentifier), bytes > memoryLimit + memoryLimit / 2 {
                kill(process)
                return "\(bytes >> 20) MiB of memory"
            }
        }
        if process.terminationReason == .uncaughtSignal { return "signal \(process.terminationStatus)" }
        switch process.terminationStatus {
        case 0: return nil
        case Worker.violationStatus: return "a violation"
        case let status: return "exit status \(status)"
        }
    }

    private func kill(_ process: Process) {
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    private func residentBytes(_ process: Int32) -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/statm", encoding: .utf8) else { return nil }
        let fields = text.split(separator: " ")
        return fields.count > 1 ? Int(fields[1]).map { $0 * Int(getpagesize()) } : nil
    }

    private func report(_ slot: InputSlot, _ time: Duration) {
        let seconds = max(0.001, time / .seconds(1))
        let rate = Int(Double(slot.inputs) / seconds)
        print(
            "\(target): \(slot.inputs) inputs in \(Int(seconds.rounded())) s, \(rate)/s, "
                + "\(slot.outcomes) outcomes, \(slot.kept) inputs kept, seed \(seed)")
    }

    private func keep(_ input: [UInt8]) throws -> String {
        try FileManager.default.createDirectory(atPath: crashFolder, withIntermediateDirectories: true)
        let path = "\(crashFolder)/\(target)-\(seed)-\(UInt32.random(in: 0...(.max)))"
        try Data(input).write(to: URL(filePath: path))
        return path
    }
}
