import Foundation

/// What figures were measured on.
struct Machine {
    private func output(_ arguments: String...) -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return "unknown" }
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func value(of name: String, in path: String) -> String {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
    }

    /// Adds the page's head: when, what, on what and how.
    func describe(in results: inout Results, records: Int, rounds: Int) {
        let source = URL(filePath: #filePath).deletingLastPathComponent().path
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let arguments = CommandLine.arguments.dropFirst().joined(separator: " ")
        for line in [
            "- \(output("date", "-u", "+%Y-%m-%d %H:%M UTC")), commit \(output("git", "-C", source, "rev-parse", "--short", "HEAD"))",
            "- \(cores) × \(value(of: "model name", in: "/proc/cpuinfo")), \(value(of: "MemTotal", in: "/proc/meminfo")), "
                + "\(output("sh", "-c", ". /etc/os-release; echo $PRETTY_NAME")), kernel \(output("uname", "-r"))",
            "- \(output("zstd", "--version").trimmingCharacters(in: CharacterSet(charactersIn: "* ")))",
            "- `KVBenchmarks \(arguments)`: \(records) records, median of \(rounds), in brackets the lowest and the highest ratio of a round",
        ] { results.add(line) }
    }
}
