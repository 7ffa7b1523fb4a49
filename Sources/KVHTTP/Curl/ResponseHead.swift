/// The status line and the headers of an answer, put together from its lines.
package struct ResponseHead {
    /// The most bytes of heads and trailers that one answer may have, interim answers included: as much as newer versions
    /// of libcurl take.
    package static let limit = 300 * 1024

    /// The status, 0 as long as no line has come.
    package private(set) var status = 0
    /// The headers so far.
    package private(set) var headers = HTTPHeaders()
    /// Whether the head of the answer itself is there, not only that of an interim one.
    package private(set) var isComplete = false
    /// Whether the head says two things about the length, or nothing that is one.
    package private(set) var hasUnclearLength = false
    /// Whether it came by HTTP/2 or later.
    package private(set) var isModern = false
    /// Whether the server has said that the body may be sent.
    package private(set) var followsContinue = false
    private var byteCount = 0

    /// A head of which nothing has come.
    package init() {}

    /// How long the body is, if the head says it.
    package var announcedLength: Int? { headers["content-length"].flatMap { Int($0) } }

    /// Whether the end of the body was announced (by a length, by chunks or by HTTP/2), so that a cut would show.
    package var hasAnnouncedEnd: Bool { isModern || announcedLength != nil || isChunked }

    private var isChunked: Bool {
        guard let codings = headers.list("transfer-encoding") else { return false }
        return codings.split(separator: ",").last?.trimmingBlanks().lowercased() == "chunked"
    }

    /// Takes a line with its end.
    ///
    /// - Parameter line: The line.
    /// - Returns: Whether all lines together are within the limit.
    package mutating func add(line: UnsafeRawBufferPointer) -> Bool {
        byteCount += line.count
        guard byteCount <= Self.limit else { return false }
        // What comes after the body is of no interest.
        if isComplete { return true }
        let text = line.prefix { $0 != 0x0D && $0 != 0x0A }
        if line.starts(with: "HTTP/".utf8) {
            startAgain(with: text)
        } else if text.isEmpty {
            // Another head follows an interim one.
            isComplete = status >= 200
        } else {
            addHeader(text)
        }
        return true
    }

    private mutating func startAgain(with text: Slice<UnsafeRawBufferPointer>) {
        let words = text.split(separator: 0x20, maxSplits: 2)
        (self, followsContinue, byteCount) = (ResponseHead(), followsContinue || status == 100, byteCount)
        status = words.count > 1 ? Int(String(decoding: words[1], as: UTF8.self)) ?? 0 : 0
        isModern = text.dropFirst(5).first.map { $0 >= 0x32 } ?? false
    }

    private mutating func addHeader(_ text: Slice<UnsafeRawBufferPointer>) {
        // The rest of a header that goes over several lines; libcurl does not read it either.
        if text.first == 0x20 || text.first == 0x09 { return }
        guard let colon = text.firstIndex(of: 0x3A) else { return }
        let name = String(decoding: text[..<colon], as: UTF8.self).lowercased()
        let value = String(String(decoding: text[(colon + 1)...], as: UTF8.self)[...].trimmingBlanks())
        if name == "content-length" {
            let isNumber = value.utf8.allSatisfy { (0x30...0x39).contains($0) } && Int(value) != nil
            if !isNumber || (headers[name].map { $0 != value } ?? false) { hasUnclearLength = true }
        }
        headers.append(name: name, value: value)
    }
}

extension Substring {
    /// The text without spaces and tabs around it.
    fileprivate func trimmingBlanks() -> Substring {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        guard let first = utf8.firstIndex(where: { !isBlank($0) }), let last = utf8.lastIndex(where: { !isBlank($0) })
        else { return "" }
        return self[first...last]
    }
}
