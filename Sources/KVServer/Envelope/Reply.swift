/// An answer before it becomes HTTP.
struct Reply: Sendable {
    /// The HTTP status.
    var status = 200
    /// What kind of bytes the body is.
    var contentType = "application/json"
    /// The body.
    var body: [UInt8] = []
    /// Headers beyond those that every answer has.
    var headers: [(String, String)] = []
    /// How many keys a bulk request named, for the request log.
    var keyCount: Int?
    /// What has no effect in the request.
    var warnings: [RequestWarning] = []
}

extension Reply {
    /// A successful envelope around a `result` written by the closure.
    static func result(info: ResultInfo? = nil, _ write: (inout [UInt8]) -> Void) -> Reply {
        var reply = Reply()
        reply.body = Envelope.success(info: info, write)
        return reply
    }

    /// A successful envelope without a result.
    static var null: Reply { .result { $0 += "null".utf8 } }

    /// The envelope of a refusal.
    static func fault(_ fault: APIFault) -> Reply {
        var reply = Reply()
        reply.status = fault.status
        reply.body = Envelope.failure(fault.items)
        reply.headers = fault.headers
        return reply
    }
}
