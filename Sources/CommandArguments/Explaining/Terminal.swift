import Glibc

/// What the texts are shown on.
package enum Terminal {
    private static let widths = 40...120

    /// How many columns a line has, within reason: as `COLUMNS` says, else as the terminal does, else 80.
    package static func width(of stream: StandardStream) -> Int {
        if let text = getenv("COLUMNS"), let columns = Int(String(cString: text)), columns > 0 {
            return clamped(columns)
        }
        var size = winsize()
        guard ioctl(stream.rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return clamped(Int(size.ws_col))
    }

    private static func clamped(_ columns: Int) -> Int { min(max(columns, widths.lowerBound), widths.upperBound) }
}

/// One of the two streams that a program writes to.
package enum StandardStream: Int32, Sendable {
    case output = 1
    case error = 2

    /// Writes a text; a stream that nobody reads any more is no reason to complain.
    func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(rawValue, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            rest = rest.dropFirst(max(0, count))
        }
    }
}
