import Glibc

/// Where the words of a request line lie in the library's buffer: addresses to compare, not to read.
///
/// The library hands over words that end at their first NUL, and skips spaces in some places. The words of a sound line
/// lie one byte from each other; where they do not, something was cut off or left out. That holds because the library
/// (0.9.75 to 1.0.1) takes the line apart where it was received, which tests assert.
struct RequestLinePlaces: Sendable {
    private let start: UInt
    private let end: UInt

    init(target: UnsafePointer<CChar>?) {
        start = UInt(bitPattern: target)
        end = start &+ UInt(target.map { strlen($0) } ?? 0)
    }

    /// Whether there is but one byte between the words.
    func areAdjacent(method: UnsafePointer<CChar>, version: UnsafePointer<CChar>) -> Bool {
        UInt(bitPattern: method) &+ UInt(strlen(method)) &+ 1 == start && end &+ 1 == UInt(bitPattern: version)
    }
}
