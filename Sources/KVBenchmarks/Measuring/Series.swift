import Foundation

/// The same thing measured several times.
struct Series {
    var values: [Double] = []

    /// The one in the middle.
    var median: Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// The smallest and the largest.
    var spread: (low: Double, high: Double) { (values.min() ?? .nan, values.max() ?? .nan) }
}

/// Two ways to do a job, measured in turns: neither gets the quiet half of the run.
struct Contest {
    var ours = Series()
    var theirs = Series()

    /// Measures both so many times.
    init(rounds: Int, ours: () async throws -> Double, theirs: () async throws -> Double) async throws {
        for _ in 0..<rounds {
            try await self.ours.values.append(ours())
            try await self.theirs.values.append(theirs())
        }
    }

    /// How many times as fast as the other, from the medians of seconds; and the same of each round, from lowest to highest.
    var speed: (median: Double, low: Double, high: Double) {
        let ratios = zip(theirs.values, ours.values).map { $0 / $1 }
        return (theirs.median / ours.median, ratios.min() ?? .nan, ratios.max() ?? .nan)
    }
}

/// The lines of the page.
struct Results {
    private(set) var lines: [String] = []

    /// Adds a line, and prints it at once.
    mutating func add(_ line: String) {
        lines.append(line)
        FileHandle.standardOutput.write(Data("\(line)\n".utf8))
    }

    /// Adds a table's head.
    mutating func section(_ title: String, _ columns: String...) {
        for line in ["", "## \(title)", "", Self.row(columns), Self.row(columns.map { _ in "---" })] { add(line) }
    }

    /// Adds a table's row.
    mutating func row(_ cells: String...) { add(Self.row(cells)) }

    private static func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

    /// A contest as cells: our seconds, theirs, and how many times as fast we are.
    static func cells(_ contest: Contest) -> [String] {
        let speed = contest.speed
        return [
            seconds(contest.ours.median), seconds(contest.theirs.median),
            String(format: "**%.2f ×** (%.2f–%.2f)", speed.median, speed.low, speed.high),
        ]
    }

    static func seconds(_ value: Double) -> String {
        value < 1 ? String(format: "%.0f ms", value * 1_000) : String(format: "%.2f s", value)
    }

    static func megabytes(_ bytes: Int) -> String { String(format: "%.0f MB", Double(bytes) / 1e6) }
    static func rate(_ count: Int, _ seconds: Double) -> String { String(format: "%.0f/s", Double(count) / seconds) }

    mutating func row(_ name: String, _ contest: Contest, _ more: String...) {
        add(Self.row([name] + Self.cells(contest) + more))
    }
}
