extension RequestHead {
    /// Whether two readers of the head would agree on what it asks for and where the request ends.
    ///
    /// The library lets through what RFC 9112 (sections 3.2, 6.1 and 6.3) has refused.
    var isSound: Bool {
        Response.isToken(method) && isTargetSound && areFieldsSound && isHostSound && isLengthSound
    }

    private var isTargetSound: Bool { !target.isEmpty && target.utf8.allSatisfy { (0x21...0x7E).contains($0) } }

    private var areFieldsSound: Bool {
        fields.allSatisfy { field in
            Response.isToken(field.name) && field.value.utf8.allSatisfy { $0 == 0x09 || $0 >= 0x20 && $0 != 0x7F }
        }
    }

    private var isHostSound: Bool {
        let count = fields.count { $0.name == "host" }
        return count == 1 || count == 0 && isHTTP10
    }

    private var isLengthSound: Bool {
        let lengths = fields.filter { $0.name == "content-length" }
        let codings = fields.filter { $0.name == "transfer-encoding" }
        if let coding = codings.first {
            return codings.count == 1 && lengths.isEmpty && !isHTTP10 && coding.value.lowercased() == "chunked"
        }
        guard let length = lengths.first else { return true }
        return lengths.count == 1 && !length.value.isEmpty
            && length.value.utf8.allSatisfy { (0x30...0x39).contains($0) } && Int(length.value) != nil
    }
}
