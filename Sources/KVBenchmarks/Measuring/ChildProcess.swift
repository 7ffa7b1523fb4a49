import Foundation
import Glibc

/// What running a program took.
struct Usage {
    /// From start to end.
    var seconds: Double
    /// Processor time of the process and those it has waited for.
    var processorSeconds: Double
    /// The most memory it held, in bytes.
    var peakBytes: Int
}

/// A program that did not do what it was to do.
struct BenchmarkFailure: Error, CustomStringConvertible {
    var description: String
}

/// Runs programs and measures them.
enum ChildProcess {
    /// Runs a program to its end.
    ///
    /// - Parameters:
    ///   - arguments: The program's path, or its name in `PATH`, and its arguments.
    ///   - environment: Variables besides those of this process.
    ///   - output: Where its standard output goes.
    ///   - statuses: The exit codes that are expected.
    /// - Returns: What it took.
    /// - Throws: ``BenchmarkFailure``.
    @discardableResult
    static func run(
        _ arguments: [String], environment: [String: String] = [:], output: String = "/dev/null",
        statuses: Set<Int32> = [0]
    ) throws -> Usage {
        let start = ContinuousClock.now
        let process = try spawn(arguments, environment, output)
        var status: Int32 = 0
        var usage = rusage()
        var peakBytes = 0
        while wait4(process, &status, WNOHANG, &usage) == 0 {
            peakBytes = max(peakBytes, memoryPeak(of: process))
            // Often enough for a command of ten milliseconds, and seldom enough not to be work itself.
            usleep(ContinuousClock.now - start < .milliseconds(100) ? 300 : 5_000)
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : -(status & 0x7F)
        guard statuses.contains(code) else {
            throw BenchmarkFailure(description: "\(arguments.joined(separator: " ")) ended with \(code)")
        }
        return Usage(
            seconds: seconds, processorSeconds: Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime),
            peakBytes: peakBytes)
    }

    /// The most memory that a running process has held; what the system says of one that has ended counts in its parent's.
    private static func memoryPeak(of process: pid_t) -> Int {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
            let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return 0 }
        return kilobytes << 10
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

    /// Starts a program.
    static func spawn(_ arguments: [String], _ environment: [String: String], _ output: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        // The threads on which tasks run block most signals; a server that inherits that cannot be ended.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let texts = arguments.map { strdup($0) } + [nil]
        let settings = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in texts + settings { free(text) } }
        var process: pid_t = 0
        let error = posix_spawnp(&process, arguments[0], &actions, &attributes, texts, settings)
        guard error == 0 else {
            throw BenchmarkFailure(
                description: "\(arguments[0]) cannot be started: \(String(cString: strerror(error)))")
        }
        return process
    }
}
