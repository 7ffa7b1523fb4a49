import Foundation
import WorkersKV

/// Headers of answers, one a line as `name: value`: whatever they say, the limits make sense and waits are not negative.
struct HeadersTarget: FuzzTarget {
    let name = "headers"
    let tokens = [
        "ratelimit: ", "ratelimit-policy: ", "x-ratelimit-limit: ", "x-ratelimit-remaining: ", "x-ratelimit-reset: ",
        "ratelimit-limit: ", "retry-after: ", "\n", "\"default\"", ";q=1200", ";w=300", ";r=50", ";t=30", "\\\"",
        "\\", ",", ";", "=", "\"", "Wed, 21 Oct 2026 07:28:00 GMT", "Sun, 01 Jan 0000 00:00:00 GMT", "99999", "1e9",
        "+5", " ", "-9223372036854775808", "NaN", "٣", "\u{301}",
    ]
    let testInputs = 10_000
    private static let unixNow = 1_700_000_000.0

    func run(_ input: [UInt8]) async throws -> String {
        let headers = Self.headers(String(decoding: input, as: UTF8.self))
        let limits = RateLimits(headers: headers, unixNow: Self.unixNow)
        try check(limits)
        let wait = headers["retry-after"].map {
            RetryAfter.seconds($0, now: Date(timeIntervalSince1970: Self.unixNow))
        }
        if let seconds = wait ?? nil { try require(seconds >= 0, "a wait of \(seconds) s") }
        let present = [limits.quota, limits.window, limits.remaining, limits.reset].map { $0 != nil }
        let waiting = wait.map { $0.map { "\(min(3, String($0).count)) digits" } ?? "not read" }
        return "\(present), \(waiting ?? "no wait")"
    }

    private static func headers(_ text: String) -> [String: String] {
        var headers: [String: String] = [:]
        for line in text.unicodeScalars.split(separator: "\n") {
            let name = line.prefix { $0 != ":" }
            headers[String(name).lowercased()] = String(line.dropFirst(name.count + 1))
        }
        return headers
    }

    private func check(_ limits: RateLimits) throws {
        for number in [limits.quota, limits.window, limits.remaining, limits.reset] {
            try require(number.map { $0.isFinite && $0 >= 0 } ?? true, "a limit makes no sense: \(limits)")
        }
        if let quota = limits.quota {
            try require(quota >= 1 && limits.remaining ?? 0 <= quota, "more is left than there is: \(limits)")
        }
        if let window = limits.window {
            try require(window > 0 && limits.reset ?? 0 <= window, "the window is over after its end: \(limits)")
        }
    }
}
