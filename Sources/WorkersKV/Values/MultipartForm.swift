/// The body of a write that carries metadata (`multipart/form-data`, RFC 7578).
struct MultipartForm {
    let contentType: String
    let body: [UInt8]

    /// Puts value and metadata into one body.
    ///
    /// The value goes as a file part, so that no server takes it for text in some character set.
    init(value: [UInt8], metadata: KVMetadata) {
        let boundary = "kvark-" + (0..<4).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
        var body: [UInt8] = []
        body.reserveCapacity(value.count + metadata.json.count + 512)
        body += Array("--\(boundary)\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n".utf8)
        body += metadata.json
        body += Array(
            "\r\n--\(boundary)\r\nContent-Disposition: form-data; name=\"value\"; filename=\"value\"\r\n".utf8)
        body += Array("Content-Type: application/octet-stream\r\n\r\n".utf8)
        body += value
        body += Array("\r\n--\(boundary)--\r\n".utf8)
        self.body = body
        contentType = "multipart/form-data; boundary=\(boundary)"
    }
}
