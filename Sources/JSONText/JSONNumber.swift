/// Numbers as JSON writes them: digits, not machine numbers.
enum JSONNumber {
    /// The whole number that a well-formed token stands for, or `nil` if it is not whole or does not fit.
    ///
    /// Works on the digits: a `Double` would take `1e-400` for 0 and `9007199254740992.5` for a whole number.
    static func integer(_ token: ArraySlice<UInt8>) -> Int64? {
        let mantissa = token.prefix { $0 | 0x20 != 0x65 }
        let exponentText = token.dropFirst(mantissa.count + 1)
        let fraction = mantissa.drop { $0 != 0x2E }.dropFirst()
        var digits = mantissa.filter { $0 != 0x2D && $0 != 0x2E }
        while digits.last == 0x30 { digits.removeLast() }
        let dropped = mantissa.count { (0x30...0x39).contains($0) } - digits.count
        guard digits.contains(where: { $0 != 0x30 }) else { return 0 }

        // An exponent beyond 64 bits cannot be made up for by digits: nobody can write that many.
        guard let exponent = exponentText.isEmpty ? 0 : Int(String(decoding: exponentText, as: UTF8.self)) else {
            return nil
        }
        let (shift, overflow) = exponent.addingReportingOverflow(dropped - fraction.count)
        guard !overflow, (0...18).contains(shift) else { return nil }
        let sign = token.first == 0x2D ? "-" : ""
        return Int64(sign + String(decoding: digits, as: UTF8.self) + String(repeating: "0", count: shift))
    }
}
