/// Outcomes in words that are the same for all inputs of one kind.
enum Outcome {
    /// A message without the numbers in it and without all between its first quotation mark and its last one, because
    /// these differ from input to input.
    static func words(_ message: String) -> String {
        let bytes = Array(message.utf8)
        var out: [UInt8] = []
        if let first = bytes.firstIndex(of: 0x22), let last = bytes.lastIndex(of: 0x22) {
            out = withoutNumbers(bytes[..<first]) + withoutNumbers(bytes[last...])
        } else {
            out = withoutNumbers(bytes[...])
        }
        return String(decoding: out.prefix(120), as: UTF8.self)
    }

    private static func withoutNumbers(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        for byte in bytes.prefix(200) {
            let isDigit = (0x30...0x39).contains(byte)
            if !isDigit || out.last != 0x23 { out.append(isDigit ? 0x23 : byte) }
        }
        return out
    }
}
