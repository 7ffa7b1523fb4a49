import KVTransfer

/// Cuts one JSON array or object, as it streams in, into the texts of its elements or members.
///
/// Only strings and the nesting are followed; whether each text is well-formed is for who reads it to say. Holds one
/// element, up to the length of the longest record.
struct JSONCutter {
    private let input: any ByteInput
    private let name: String
    private var bytes: [UInt8] = []
    private var position = 0
    /// How many texts were cut off.
    private(set) var count = 0
    private var hasEntered = false
    /// The bracket that ends the whole.
    private var end: UInt8 = 0
    private var isAtEnd = false

    init(_ input: any ByteInput, name: String) {
        self.input = input
        self.name = name
    }

    /// The text of the next element or member, with white space around it; `nil` at the end of the input.
    mutating func next() throws -> [UInt8]? {
        if isAtEnd { return nil }
        if !hasEntered { try enter() }
        var text: [UInt8] = []
        var scanner = Scanner()
        while true {
            if position == bytes.count, try !fill() { throw malformed("ends inside its JSON") }
            let stop = scanner.scan(bytes, from: position)
            text += bytes[position..<stop]
            position = stop
            guard text.count <= RecordLine.bytesMaximum else { throw malformed("holds more than any record has") }
            guard let closing = scanner.closing else { continue }
            position += 1
            if closing != 0x2C {
                guard closing == end else { throw malformed("is closed by the wrong bracket") }
                // `[]` holds nothing; `[1,]` holds something that is not there.
                let isBlank = text.allSatisfy { Self.isWhitespace($0) }
                isAtEnd = true
                try finish()
                if isBlank, count == 0 { return nil }
            }
            count += 1
            return text
        }
    }

    private mutating func enter() throws {
        hasEntered = true
        while true {
            if position == bytes.count, try !fill() { throw malformed("is empty") }
            let byte = bytes[position]
            position += 1
            if byte == 0x5B || byte == 0x7B {
                // Two further on in ASCII stands the bracket that closes.
                end = byte + 2
                return
            }
            guard Self.isWhitespace(byte) else { throw malformed("is neither a JSON array nor an object") }
        }
    }

    private mutating func finish() throws {
        while true {
            guard bytes[position...].allSatisfy({ Self.isWhitespace($0) }) else {
                throw malformed("goes on after its JSON")
            }
            if try !fill() { return }
        }
    }

    private mutating func fill() throws -> Bool {
        bytes = try input.next()
        position = 0
        return !bytes.isEmpty
    }

    private func malformed(_ what: String) -> ExchangeError {
        ExchangeError(.malformed, "\(name) \(what)" + (count > 0 ? ", after \(count) records" : ""))
    }

    private static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    /// Follows strings and nesting up to the byte that ends an element.
    private struct Scanner {
        private var depth = 0
        private var isInString = false
        private var isEscaped = false
        /// The comma or bracket that ends the element, once it is reached.
        private(set) var closing: UInt8?

        /// Where the element ends, or the end of the bytes.
        mutating func scan(_ bytes: [UInt8], from start: Int) -> Int {
            bytes.withUnsafeBufferPointer { buffer in
                var index = start
                while index < buffer.count, !isEnd(buffer[index]) { index += 1 }
                return index
            }
        }

        private mutating func isEnd(_ byte: UInt8) -> Bool {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == 0x5C {
                    isEscaped = true
                } else if byte == 0x22 {
                    isInString = false
                }
                return false
            }
            switch byte {
            case 0x22: isInString = true
            case 0x5B, 0x7B: depth += 1
            case 0x5D where depth > 0, 0x7D where depth > 0: depth -= 1
            case 0x2C where depth == 0, 0x5D, 0x7D:
                closing = byte
                return true
            default: break
            }
            return false
        }
    }
}
