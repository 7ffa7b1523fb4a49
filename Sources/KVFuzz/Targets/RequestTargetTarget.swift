import Foundation
import KVServer

/// Request targets: taken apart without loss, decoded as every other decoder does.
struct RequestTargetTarget: FuzzTarget {
    let name = "target"
    let tokens = [
        "/client/v4/accounts/a/storage/kv/namespaces/n/values/", "/metadata/", "/bulk/get", "/keys", "?", "&", "=",
        "%", "%2F", "%25", "%00", "%c3%A9", "%ff", "+", "..", "/", "//", "#", "limit=10", "cursor=", "prefix=",
        "%u0041",
    ]

    func run(_ input: [UInt8]) async throws -> String {
        let text = String(decoding: input, as: UTF8.self)
        let target = RequestTarget(text)
        let path = target.segments.joined(separator: [0x2F])
        try require(path.elementsEqual(target.path.dropFirst()), "the segments are not the path")
        let hasQuery = target.path.count < text.utf8.count
        try require(target.path + (hasQuery ? [0x3F] + target.query : []) == Array(text.utf8), "a part got lost")
        try checkDecoding(target.path)
        let match = RouteMatch(method: "GET", target: target)
        try require(
            match.encodedKey.isEmpty || target.path.suffix(match.encodedKey.count).elementsEqual(match.encodedKey),
            "the key is not the end of the path")
        let query = try checkQuery(target)
        return "\(match.route), \(match.encodedKey.isEmpty), \(query)"
    }

    private static let digits = Array("0123456789abcdef".utf8)

    private func checkDecoding(_ bytes: [UInt8]) throws {
        let decoded = RequestTarget.percentDecoded(bytes)
        try require(decoded == Self.decoded(bytes), "the path is decoded wrongly")
        guard let decoded else { return }
        let encoded = decoded.flatMap { [0x25, Self.digits[Int($0 >> 4)], Self.digits[Int($0 & 15)]] }
        try require(RequestTarget.percentDecoded(encoded) == decoded, "the path is another one after encoding it")
    }

    private func checkQuery(_ target: RequestTarget) throws -> String {
        guard let parameters = target.queryParameters else { return "no query" }
        let allowed = CharacterSet(charactersIn: "")
        let query = parameters.map { name, value in
            [name, value].map { $0.addingPercentEncoding(withAllowedCharacters: allowed) ?? "" }.joined(separator: "=")
        }.joined(separator: "&")
        let again = RequestTarget("/?\(query)").queryParameters
        // A pair without a name and a value is nothing once it is written.
        let expected = parameters.filter { !query.isEmpty || !$0.key.isEmpty || !$0.value.isEmpty }
        try require(again == expected, "the query is another one after writing it: \(query)")
        return "\(min(3, parameters.count)) parameters"
    }

    /// Decodes piece by piece, for comparison.
    private static func decoded(_ bytes: [UInt8]) -> [UInt8]? {
        let pieces = bytes.split(separator: 0x25, omittingEmptySubsequences: false)
        var out = Array(pieces[0])
        for piece in pieces.dropFirst() {
            let digits = String(decoding: piece.prefix(2), as: UTF8.self)
            guard piece.count >= 2, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }),
                let byte = UInt8(digits, radix: 16)
            else { return nil }
            out.append(byte)
            out += piece.dropFirst(2)
        }
        return out
    }
}
