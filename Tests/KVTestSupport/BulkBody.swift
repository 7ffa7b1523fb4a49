/// The pairs of a bulk write, found without decoding them.
///
/// Decoding and encoding again could change how a number or a character is written, and a proxy must not.
struct BulkBody {
    struct Pair {
        /// Where the pair is.
        let range: Range<Int>
        /// The key as the JSON string that it is in the body, with quotes.
        let key: [UInt8]
    }

    let bytes: [UInt8]
    let pairs: [Pair]

    /// Finds the pairs, unless the body is no array of objects that each have a key.
    init?(_ bytes: [UInt8]) {
        var scanner = JSONScanner(bytes: bytes)
        var pairs: [Pair] = []
        guard scanner.skip("[") else { return nil }
        if !scanner.skip("]") {
            repeat {
                guard let pair = scanner.scanPair() else { return nil }
                pairs.append(pair)
            } while scanner.skip(",")
            guard scanner.skip("]") else { return nil }
        }
        self.bytes = bytes
        self.pairs = pairs
    }

    /// The array without the pairs of some keys; all others byte for byte as they were.
    func removing(_ keys: Set<[UInt8]>) -> [UInt8] {
        var rest: [UInt8] = [UInt8(ascii: "[")]
        rest.reserveCapacity(bytes.count)
        for pair in pairs where !keys.contains(pair.key) {
            if rest.count > 1 { rest.append(UInt8(ascii: ",")) }
            rest += bytes[pair.range]
        }
        rest.append(UInt8(ascii: "]"))
        return rest
    }
}

/// Steps over JSON; only as strict as it takes to find where a value ends.
private struct JSONScanner {
    let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// Steps over space and then over a character, if it comes.
    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// Steps over an object and finds its key.
    mutating func scanPair() -> BulkBody.Pair? {
        skipSpace()
        let start = position
        var key: Range<Int>?
        guard skip("{") else { return nil }
        repeat {
            guard let name = scanString(), skip(":") else { return nil }
            skipSpace()
            let valueStart = position
            guard skipValue() else { return nil }
            if bytes[name].elementsEqual(#""key""#.utf8) { key = valueStart..<position }
        } while skip(",")
        guard skip("}"), let key, bytes[key.lowerBound] == UInt8(ascii: "\"") else { return nil }
        return BulkBody.Pair(range: start..<position, key: Array(bytes[key]))
    }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    private mutating func scanString() -> Range<Int>? {
        skipSpace()
        let start = position
        guard next == UInt8(ascii: "\"") else { return nil }
        position += 1
        while let byte = next {
            position += 1
            if byte == UInt8(ascii: "\"") { return start..<position }
            if byte == UInt8(ascii: "\\") { position += 1 }
        }
        return nil
    }

    private mutating func skipValue() -> Bool {
        var depth = 0
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                guard scanString() != nil else { return false }
                if depth == 0 { return true }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                // The end of a number or a word is the end of what holds it.
                if depth == 0 { return true }
                depth -= 1
                if depth == 0 {
                    position += 1
                    return true
                }
            case UInt8(ascii: ",") where depth == 0:
                return true
            default: break
            }
            position += 1
        }
        return false
    }
}
