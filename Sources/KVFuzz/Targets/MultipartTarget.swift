import KVServer

/// Forms: the first line is the content type, the rest the body.
struct MultipartTarget: FuzzTarget {
    let name = "multipart"
    let tokens = [
        "multipart/form-data; boundary=x", "boundary=\"", "\n", "\r\n", "--x", "--x--", "\r\n--x\r\n",
        "\r\n--x--\r\n", "\r\n\r\n", "Content-Disposition: form-data; name=\"value\"",
        "content-disposition:form-data;name=metadata", "; filename=\"a\\\"b\"", "\\\\", "\"", ";", "=", "\u{2028}",
        "\u{85}", " ", "\t",
    ]

    func run(_ input: [UInt8]) async throws -> String {
        let head = input.prefix { $0 != 0x0A }
        let body = Array(input.dropFirst(head.count + 1))
        guard let boundary = MultipartForm.boundary(of: String(decoding: head, as: UTF8.self)) else { return "no form" }
        guard let form = MultipartForm(body, boundary: boundary) else {
            return boundary.isEmpty ? "no boundary" : "refused"
        }
        let delimiter = Array("\r\n--".utf8) + boundary
        for (name, content) in form.parts {
            try require(
                content.startIndex >= 0 && content.endIndex <= body.count, "part \(name) is not within the body")
            try require(content.isEmpty || !Self.holds(content, delimiter), "part \(name) goes over a delimiter")
        }
        let again = MultipartForm(Self.body(form, boundary), boundary: boundary)
        try require(again?.parts == form.parts, "the form is another one after writing it: \(form.parts)")
        return "\(min(3, form.parts.count)) parts, \(form.parts["value"] != nil), \(form.parts["metadata"] != nil)"
    }

    /// The form as a body.
    private static func body(_ form: MultipartForm, _ boundary: [UInt8]) -> [UInt8] {
        let delimiter = Array("--".utf8) + boundary
        var out: [UInt8] = []
        for (name, content) in form.parts {
            // Scalar by scalar: a quotation mark with an accent is a character of its own.
            let escaped = name.unicodeScalars.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }
            let quoted = escaped.joined()
            out += delimiter
            out += Array("\r\nContent-Disposition: form-data; name=\"\(quoted)\"\r\n\r\n".utf8)
            out += content
            out += [0x0D, 0x0A]
        }
        return out + delimiter + [0x2D, 0x2D]
    }

    private static func holds(_ bytes: ArraySlice<UInt8>, _ pattern: [UInt8]) -> Bool {
        guard bytes.count >= pattern.count else { return false }
        return (bytes.startIndex...bytes.endIndex - pattern.count).contains { bytes[$0...].starts(with: pattern) }
    }
}
