import Foundation

/// Base64 as the API and the archive use it: the standard alphabet, padded, one spelling for each sequence of bytes.
public enum Base64Text {
    /// The text for some bytes.
    public static func encode(_ bytes: [UInt8]) -> [UInt8] { Array(Data(bytes).base64EncodedData()) }

    /// The bytes of a text, or `nil` if the text is not the one spelling of them.
    public static func decode(_ text: [UInt8]) -> [UInt8]? {
        guard text.count.isMultiple(of: 4), let data = Data(base64Encoded: Data(text)) else { return nil }
        let bytes = Array(data)
        guard decodedCount(text) == bytes.count, hasCanonicalEnd(text, bytes) else { return nil }
        return bytes
    }

    /// How many bytes a padded text of this form stands for.
    static func decodedCount(_ text: [UInt8]) -> Int {
        let padding = text.suffix(2).count { $0 == 0x3D }
        return text.count / 4 * 3 - padding
    }

    /// The bits that the last group does not use must be zero; otherwise several texts would mean the same bytes.
    private static func hasCanonicalEnd(_ text: [UInt8], _ bytes: [UInt8]) -> Bool {
        let remainder = bytes.count % 3
        guard remainder > 0 else { return true }
        return encode(Array(bytes.suffix(remainder))).elementsEqual(text.suffix(4))
    }
}
