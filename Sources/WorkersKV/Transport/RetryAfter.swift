package import Foundation

/// The `Retry-After` header: a number of seconds or a date (RFC 9110, section 10.2.3).
package enum RetryAfter {
    /// How long to wait from now, or `nil` if the text is neither form.
    static func seconds(_ text: String) -> Int64? { seconds(text, now: Date()) }

    package static func seconds(_ text: String, now: Date) -> Int64? {
        let text = text.trimmingWhitespace()
        if let seconds = Int64(text) { return max(0, seconds) }
        guard let date = httpDate(text) else { return nil }
        return max(0, Int64(Int(bounded: date.timeIntervalSince(now).rounded(.up))))
    }

    private static func httpDate(_ text: String) -> Date? {
        // The formatter traps where a character is made of several scalars, and a date has 29 bytes of ASCII.
        guard text.utf8.count <= 32, text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.date(from: text)
    }
}
