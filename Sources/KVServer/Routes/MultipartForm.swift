/// The parts of a `multipart/form-data` body (RFC 7578) by name.
package struct MultipartForm {
    /// The content of each part; the first of several parts of one name counts.
    package private(set) var parts: [String: ArraySlice<UInt8>] = [:]
    /// The first part that stands there again.
    private var repeatedPart: String?

    /// The boundary that a content type names; `nil` if the type is another one.
    ///
    /// - Returns: An empty boundary if the type is right and names none.
    package static func boundary(of contentType: String?) -> [UInt8]? {
        guard let contentType else { return nil }
        let (value, parameters) = HeaderParameters.parse(contentType)
        guard value.lowercased() == "multipart/form-data" else { return nil }
        return Array((parameters["boundary"] ?? "").utf8)
    }

    /// Takes a body apart; `nil` if it is not what its boundary says.
    package init?(_ bytes: [UInt8], boundary: [UInt8]) {
        guard !boundary.isEmpty, boundary.count <= 200 else { return nil }
        let body = bytes[...]
        let lineDelimiter = [0x0D, 0x0A, 0x2D, 0x2D] + boundary
        // What stands before the first delimiter does not count, but the delimiter starts a line.
        var position: Int
        if body.starts(with: lineDelimiter.dropFirst(2)) {
            position = lineDelimiter.count - 2
        } else if let found = Self.find(lineDelimiter, in: body, from: 0) {
            position = found + lineDelimiter.count
        } else {
            return nil
        }
        while true {
            if body[position...].starts(with: [0x2D, 0x2D]) { return }
            guard let lineEnd = Self.find([0x0D, 0x0A], in: body, from: position),
                body[position..<lineEnd].allSatisfy({ $0 == 0x20 || $0 == 0x09 }),
                let end = Self.find(lineDelimiter, in: body, from: lineEnd)
            else { return nil }
            guard addPart(body[lineEnd..<end]) else { return nil }
            position = end + lineDelimiter.count
        }
    }

    /// Adds a part, which starts with the line end before its headers.
    private mutating func addPart(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let headersEnd = Self.find([0x0D, 0x0A, 0x0D, 0x0A], in: bytes, from: bytes.startIndex) else {
            return false
        }
        let headers = String(decoding: bytes[bytes.startIndex..<headersEnd], as: UTF8.self)
        // A line end is one character, so that the lines of a text come apart at it.
        for line in headers.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == "content-disposition" else {
                continue
            }
            let (value, parameters) = HeaderParameters.parse(String(line[line.index(after: colon)...]))
            guard value.lowercased() == "form-data", let name = parameters["name"] else { return false }
            if parts[name] == nil {
                parts[name] = bytes[(headersEnd + 4)...]
            } else if repeatedPart == nil {
                repeatedPart = name
            }
            return true
        }
        return false
    }

    /// What the API reads nothing of.
    var warnings: [RequestWarning] {
        var warnings: [RequestWarning] = []
        if let name = parts.keys.filter({ $0 != "value" && $0 != "metadata" }).min() {
            warnings.append(
                RequestWarning(.unreadPart, "nothing reads the form's part \(RequestWarning.quoted(name))"))
        }
        if let name = repeatedPart {
            let part = RequestWarning.quoted(name)
            warnings.append(
                RequestWarning(.repeatedPart, "the form's part \(part) stands there twice, and the first counts"))
        }
        return warnings
    }

    /// Where a pattern starts, at or after an index.
    private static func find(_ pattern: [UInt8], in bytes: ArraySlice<UInt8>, from start: Int) -> Int? {
        guard let first = pattern.first, start >= bytes.startIndex else { return nil }
        let base = bytes.startIndex
        return bytes.withUnsafeBufferPointer { buffer in
            var index = start - base
            while index + pattern.count <= buffer.count {
                if buffer[index] == first, pattern.indices.allSatisfy({ buffer[index + $0] == pattern[$0] }) {
                    return index + base
                }
                index += 1
            }
            return nil
        }
    }
}

/// A header value with parameters: `form-data; name="value"; filename="a b"`.
enum HeaderParameters {
    /// The value before the first semicolon, and the parameters by name in lower case.
    static func parse(_ text: String) -> (value: String, parameters: [String: String]) {
        var rest = Array(text.unicodeScalars)[...]
        let value = trimmed(take(&rest, until: [";"]))
        var parameters: [String: String] = [:]
        while !rest.isEmpty {
            rest = rest.dropFirst()
            let name = trimmed(take(&rest, until: ["=", ";"])).lowercased()
            guard rest.first == "=" else { continue }
            rest = rest.dropFirst().drop { $0 == " " || $0 == "\t" }
            let parameter = rest.first == "\"" ? quoted(&rest) : trimmed(take(&rest, until: [";"]))
            _ = take(&rest, until: [";"])
            if !name.isEmpty, parameters[name] == nil { parameters[name] = parameter }
        }
        return (value, parameters)
    }

    private static func take(
        _ rest: inout ArraySlice<Unicode.Scalar>, until stops: Set<Unicode.Scalar>
    ) -> ArraySlice<Unicode.Scalar> {
        let taken = rest.prefix { !stops.contains($0) }
        rest = rest.dropFirst(taken.count)
        return taken
    }

    private static func quoted(_ rest: inout ArraySlice<Unicode.Scalar>) -> String {
        rest = rest.dropFirst()
        var text = String.UnicodeScalarView()
        while let scalar = rest.popFirst(), scalar != "\"" {
            // A backslash escapes a quote or itself; elsewhere it stands for itself, as browsers send it.
            if scalar == "\\", let next = rest.first, next == "\"" || next == "\\" {
                text.append(next)
                rest = rest.dropFirst()
            } else {
                text.append(scalar)
            }
        }
        return String(text)
    }

    private static func trimmed(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        let isBlank = { (scalar: Unicode.Scalar) in scalar == " " || scalar == "\t" }
        let start = scalars.drop(while: isBlank)
        let end = start.reversed().drop(while: isBlank).count
        return String(String.UnicodeScalarView(start.prefix(end)))
    }
}
