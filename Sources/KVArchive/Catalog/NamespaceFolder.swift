/// The names of namespaces' folders in a vault.
enum NamespaceFolder {
    /// The longest name, in bytes: room enough in every file system, also for a lock or a temporary name.
    private static let bytesMaximum = 200

    /// The one folder name for a title.
    ///
    /// Lower-case letters, digits, `-`, `_` and inner dots stand for themselves, every other byte is `%` and two lower-case
    /// hexadecimal digits. Upper-case letters are among the others, so that two titles never meet in one folder
    /// where file systems ignore case. What is too long is cut and given the start of the title's SHA-256 after `%-`.
    static func name(forTitle title: String) -> String {
        let bytes = Array(title.utf8)
        let pieces = bytes.enumerated().map { index, byte in
            let isEdge = index == 0 || index == bytes.count - 1
            return isSafe(byte) || (byte == 0x2E && !isEdge) ? String(UnicodeScalar(byte)) : escape(byte)
        }
        if pieces.isEmpty { return "%" }
        let name = pieces.joined()
        guard name.utf8.count > bytesMaximum else { return name }
        let suffix = "%-" + SHA256Hex.digest(of: bytes).prefix(32)
        var kept = ""
        for piece in pieces where kept.utf8.count + piece.utf8.count + suffix.utf8.count <= bytesMaximum {
            kept += piece
        }
        return kept + suffix
    }

    private static func isSafe(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x61...0x7A, 0x30...0x39, 0x2D, 0x5F: true
        default: false
        }
    }

    private static func escape(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "%0\(digits)" : "%\(digits)"
    }
}
