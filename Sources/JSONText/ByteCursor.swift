/// Steps over JSON of a known form in bytes that are not copied; who steps wrongly asks ``JSONReader`` what is there.
///
/// Nothing is known of the bytes: no step goes beyond their end.
package struct ByteCursor {
    /// The bytes.
    package let bytes: UnsafeRawBufferPointer
    /// Where the next step starts.
    package private(set) var position: Int

    /// A cursor at an offset.
    package init(_ bytes: UnsafeRawBufferPointer, from start: Int) {
        self.bytes = bytes
        position = start
    }

    /// Whether a line feed stands next.
    package var isAtLineFeed: Bool { position < bytes.count && bytes[position] == 0x0A }

    /// Steps over a word of ASCII, if it stands next.
    package mutating func skip(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard position + count <= bytes.count else { return false }
        for index in 0..<count where bytes[position + index] != word.utf8Start[index] { return false }
        position += count
        return true
    }

    /// Steps over the content of a string in canonical notation and the quote behind it.
    ///
    /// - Returns: How many bytes the content stands for; `nil` if it is not in canonical notation.
    package mutating func skipCanonicalContent() -> Int? {
        guard let (end, decodedBytes) = JSONString.canonicalContent(bytes, from: position) else { return nil }
        position = end + 1
        return decodedBytes
    }

    /// Steps over a whole number without sign, at most 18 digits, the first of them not 0.
    package mutating func readDigits() -> Int64? {
        var number: Int64 = 0
        let start = position
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
            guard position - start < 18 else { return nil }
            number = number * 10 + Int64(bytes[position] - 0x30)
            position += 1
        }
        return position > start && bytes[start] != 0x30 ? number : nil
    }

    /// Steps over one JSON value without white space, behind which a comma stands.
    ///
    /// - Parameter maximumBytes: The longest value to step over.
    /// - Returns: Where the value stands; `nil` if there is none, or one that is longer or not compact.
    package mutating func skipCompactJSON(maximumBytes: Int) -> Range<Int>? {
        guard let end = endOfValue(), end - position <= maximumBytes else { return nil }
        do throws(JSONError) {
            var reader = try JSONReader(Array(bytes[position..<end]))
            try reader.skipValue()
            try reader.finish()
            guard reader.whitespaceBytes == 0 else { return nil }
        } catch {
            return nil
        }
        defer { position = end }
        return position..<end
    }

    /// Where the first comma stands that is in no string, array or object.
    private func endOfValue() -> Int? {
        var index = position
        var depth = 0
        while index < bytes.count {
            switch bytes[index] {
            case 0x22:
                guard let (end, _) = try? JSONString.scanContent(bytes, from: index + 1) else { return nil }
                index = end
            case 0x7B, 0x5B: depth += 1
            case 0x7D, 0x5D: depth -= 1
            case 0x2C where depth == 0: return index
            case 0x0A: return nil
            default: break
            }
            index += 1
        }
        return nil
    }
}
