/// Outcomes in words that are the same for all inputs of one kind.
enum Outcome {
    /// A message without the numbers and quotations in it, which differ from input to input.
    static func words(_ message: String) -> String {
        var out: [UInt8] = []
        var isQuoted = false
        for byte in message.utf8.prefix(400) {
            if byte == 0x22 || byte == 0x27 { isQuoted.toggle() }
            let isDigit = (0x30...0x39).contains(byte)
            if isQuoted || isDigit && out.last == 0x23 { continue }
            out.append(isDigit ? 0x23 : byte)
        }
        return String(decoding: out.prefix(120), as: UTF8.self)
    }
}
