import KVArchive
import KVTransfer

/// The names of files that hold one value each.
enum ValueFileName {
    /// The file that maps names to keys.
    static let index = "index.ndjson"
    /// The longest name, in bytes.
    static let bytesMaximum = 200

    /// The one file name for a key.
    ///
    /// `a`–`z`, `0`–`9`, `-`, `_` and inner dots stand for themselves, every other byte is `%` and two lower-case
    /// hexadecimal digits: no name leaves the folder, is hidden, or meets another where a file system ignores case. The
    /// first byte of names that mean a device to Windows, and of the index's own, is written so too. What would be
    /// longer than 200 bytes is cut between two bytes of the key and given the start of its SHA-256 after `%-`.
    static func name(for key: KVKey) -> String {
        var pieces = key.utf8.enumerated().map { index, byte in
            let isEdge = index == 0 || index == key.utf8.count - 1
            return isSafe(byte) || (byte == 0x2E && !isEdge) ? String(UnicodeScalar(byte)) : escape(byte)
        }
        if isReserved(key.string), let first = key.utf8.first { pieces[0] = escape(first) }
        let name = pieces.joined()
        guard name.utf8.count > bytesMaximum else { return name }
        let suffix = "%-" + SHA256Hex.digest(of: key.utf8).prefix(32)
        var kept = ""
        for piece in pieces {
            guard kept.utf8.count + piece.utf8.count + suffix.utf8.count <= bytesMaximum else { break }
            kept += piece
        }
        return kept + suffix
    }

    /// Whether a name in an index is of a file in the folder itself, and not of the index.
    static func isSafe(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && name != index
            && !name.utf8.contains { $0 == 0x2F || $0 == 0 }
    }

    private static func isSafe(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x61...0x7A, 0x30...0x39, 0x2D, 0x5F: true
        default: false
        }
    }

    /// Upper-case letters need no look: they are escaped anyway.
    private static func isReserved(_ name: String) -> Bool {
        if name == index { return true }
        let stem = name.utf8.prefix { $0 != 0x2E }
        if ["con", "prn", "aux", "nul"].contains(where: { stem.elementsEqual($0.utf8) }) { return true }
        return stem.count == 4 && (stem.starts(with: "com".utf8) || stem.starts(with: "lpt".utf8))
            && stem.last.map { (0x30...0x39).contains($0) } == true
    }

    private static func escape(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "%0\(digits)" : "%\(digits)"
    }
}
