import JSONText

/// The request target as it stood on the request line, taken apart without any normalisation.
///
/// Keys hold `%2F`, `..`, `+` and any other bytes; a parser that decodes or tidies a path before splitting it would make
/// other keys of them. So the path is cut at its raw slashes here, and only what is known to be a key is decoded.
package struct RequestTarget: Sendable {
    /// The bytes before the first question mark.
    package let path: [UInt8]
    /// The bytes after it.
    package let query: [UInt8]

    /// Splits a raw target.
    package init(_ target: String) {
        let bytes = Array(target.utf8)
        let end = bytes.firstIndex(of: 0x3F) ?? bytes.count
        path = Array(bytes[..<end])
        query = end < bytes.count ? Array(bytes[(end + 1)...]) : []
    }

    /// The path's pieces between slashes, without the empty one before the first slash.
    package var segments: [ArraySlice<UInt8>] {
        path.dropFirst().split(separator: 0x2F, omittingEmptySubsequences: false)
    }

    /// What percent-encoded bytes stand for; `nil` if an escape is not one.
    package static func percentDecoded(_ bytes: some Sequence<UInt8>, plusIsSpace: Bool = false) -> [UInt8]? {
        var out: [UInt8] = []
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case 0x25:
                guard let high = iterator.next().flatMap(hexValue), let low = iterator.next().flatMap(hexValue) else {
                    return nil
                }
                out.append(high << 4 | low)
            case 0x2B where plusIsSpace: out.append(0x20)
            default: out.append(byte)
            }
        }
        return out
    }

    /// The values of the query's parameters, decoded as forms are; `nil` if an escape is not one or a text is not UTF-8.
    ///
    /// The first of several parameters of one name counts.
    package var queryParameters: [String: String]? {
        var parameters: [String: String] = [:]
        for pair in query.split(separator: 0x26) {
            let parts = pair.split(separator: 0x3D, maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.formText(parts[0]), let value = Self.formText(parts.dropFirst().first ?? []) else {
                return nil
            }
            if parameters[name] == nil { parameters[name] = value }
        }
        return parameters
    }

    /// Names of parameters that stand in the query again, each once.
    package var repeatedParameters: [String] {
        var seen: Set<String> = []
        var repeated: [String] = []
        for pair in query.split(separator: 0x26) {
            guard let name = Self.formText(pair.prefix { $0 != 0x3D }), !seen.insert(name).inserted else { continue }
            if !repeated.contains(name) { repeated.append(name) }
        }
        return repeated
    }

    private static func formText(_ bytes: ArraySlice<UInt8>) -> String? {
        guard let decoded = percentDecoded(bytes, plusIsSpace: true), UTF8Text.isValid(decoded) else { return nil }
        return String(decoding: decoded, as: UTF8.self)
    }

    private static func hexValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x37
        case 0x61...0x66: digit - 0x57
        default: nil
        }
    }
}
