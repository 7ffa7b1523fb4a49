import Foundation
import JSONText

/// The place in a namespace where a list of keys goes on: after a key.
///
/// Its text is opaque to clients: base64 (URL-safe) of a version, the namespace's id, the key and a check value. Since it
/// names a key and not a position, it outlives restarts and writes. The check value tells a damaged text from a
/// cursor; it is no secret, because a cursor opens nothing that its bearer could not list anyway.
struct ListCursor: Hashable, Sendable {
    /// The namespace the cursor was made for.
    var namespace: String
    /// The last key that was listed.
    var key: [UInt8]

    private static let version: UInt8 = 1
    private static let checkLength = 8

    /// The cursor for a place.
    init(namespace: String, key: [UInt8]) {
        self.namespace = namespace
        self.key = key
    }

    /// Reads a cursor; `nil` if the text is not one.
    init?(_ text: String) {
        guard text.utf8.count < 4_096, let payload = Self.decode(text), payload.count > Self.checkLength + 2 else {
            return nil
        }
        let content = payload.dropLast(Self.checkLength)
        guard content.first == Self.version, Self.check(content).elementsEqual(payload.suffix(Self.checkLength)) else {
            return nil
        }
        let idLength = Int(content[content.startIndex + 1])
        let rest = content.dropFirst(2)
        guard rest.count > idLength else { return nil }
        let id = rest.prefix(idLength)
        guard UTF8Text.isValid(id) else { return nil }
        namespace = String(decoding: id, as: UTF8.self)
        key = Array(rest.dropFirst(idLength))
    }

    /// The cursor's text.
    var text: String {
        let id = Array(namespace.utf8.prefix(255))
        var payload = [Self.version, UInt8(id.count)] + id + key
        payload += Self.check(payload[...])
        return Data(payload).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static func decode(_ text: String) -> ArraySlice<UInt8>? {
        guard !text.utf8.contains(where: { $0 == 0x2B || $0 == 0x2F || $0 == 0x3D }) else { return nil }
        var padded = text.replacing("-", with: "+").replacing("_", with: "/")
        while !padded.utf8.count.isMultiple(of: 4) { padded.append("=") }
        return Data(base64Encoded: padded).map { Array($0)[...] }
    }

    /// FNV-1a in 64 bits.
    private static func check(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return withUnsafeBytes(of: hash.bigEndian) { Array($0) }
    }
}
