package import KVModel

/// A refusal, as the API words it: an HTTP status, a code and a message.
package struct APIFault: Error, Sendable {
    /// The code and message of one item of `errors`.
    package struct Item: Hashable, Sendable {
        package var code: APICode
        package var message: String
        /// What lies behind the error; only authentication says.
        var chain: [Item] = []
    }

    /// The HTTP status.
    var status: Int
    /// What goes into `errors`.
    package var items: [Item]
    /// Headers that belong to this refusal.
    var headers: [(String, String)] = []

    /// A refusal with the status that belongs to its code.
    init(_ code: APICode, status: Int? = nil, message: String) {
        self.status = status ?? Self.status(of: code)
        items = [Item(code: code, message: message)]
    }

    /// A refusal in the form of the KV operations: `get: 'key not found'`.
    init(_ code: APICode, status: Int? = nil, _ operation: String, _ reason: String) {
        self.init(code, status: status, message: "\(operation): '\(reason)'")
    }

    /// The HTTP status that goes with a code.
    private static func status(of code: APICode) -> Int {
        switch code {
        case .keyNotFound, .namespaceNotFound, .noRoute, .couldNotRoute: 404
        case .authentication: 401
        case .methodNotAllowed: 405
        case .payloadTooLarge: 413
        case .rateLimited: 429
        case .temporarilyUnavailable: 500
        default: 400
        }
    }
}

extension APIFault {
    /// A body that is not what the operation takes.
    static func malformed(_ operation: String, _ reason: String) -> APIFault {
        APIFault(.malformedBody, operation, reason)
    }

    /// The namespace does not exist.
    static func namespaceNotFound(_ operation: String) -> APIFault {
        APIFault(.namespaceNotFound, operation, "namespace not found")
    }

    /// The key does not exist or has expired.
    static func keyNotFound(_ operation: String) -> APIFault { APIFault(.keyNotFound, operation, "key not found") }

    /// A request body longer than the operation takes.
    static func bodyTooLarge(_ operation: String, limit: Int) -> APIFault {
        APIFault(.payloadTooLarge, operation, "The request body exceeds the limit of \(limit) bytes.")
    }
}
