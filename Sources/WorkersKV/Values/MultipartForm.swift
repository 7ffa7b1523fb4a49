import NIOCore

/// The body of a write that carries metadata (`multipart/form-data`, RFC 7578).
struct MultipartForm {
    let contentType: String
    let body: ByteBuffer

    /// Puts value and metadata into one body.
    ///
    /// The value goes as a file part, so that no server takes it for text in some character set.
    init(value: [UInt8], metadata: KVMetadata) {
        let boundary = "kvark-" + (0..<4).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
        var body = ByteBufferAllocator().buffer(capacity: value.count + metadata.json.count + 512)
        body.writeString("--\(boundary)\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n")
        body.writeBytes(metadata.json)
        body.writeString("\r\n--\(boundary)\r\nContent-Disposition: form-data; name=\"value\"; filename=\"value\"\r\n")
        body.writeString("Content-Type: application/octet-stream\r\n\r\n")
        body.writeBytes(value)
        body.writeString("\r\n--\(boundary)--\r\n")
        self.body = body
        contentType = "multipart/form-data; boundary=\(boundary)"
    }
}
