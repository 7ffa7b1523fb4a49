import JSONText
import KVTransfer

/// The lines of an index: which file holds which key's value, and what else belongs to the key.
enum FilesIndex {
    /// Appends a line, such as `{"file":"%41","key":"A","expiration":1893456000,"metadata":{"v":1.0}}`.
    static func append(_ line: RecordLine, file: String, to out: inout [UInt8]) {
        out += "{\"file\":".utf8
        JSONString.append(file, to: &out)
        out += ",\"key\":".utf8
        JSONString.append(line.key.utf8, to: &out)
        if let expiration = line.expiration { out += ",\"expiration\":\(expiration.seconds)".utf8 }
        if let metadata = line.metadata {
            out += ",\"metadata\":".utf8
            out += metadata.json
        }
        out += "}\n".utf8
    }
}
