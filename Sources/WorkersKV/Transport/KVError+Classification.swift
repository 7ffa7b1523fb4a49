extension KVError.Code {
    /// The kind of failure that a status and the codes of an envelope mean.
    ///
    /// The code decides before the status does: 404 has three meanings, 400 has a dozen. Only a server that failed or
    /// was too busy is not believed about anything else: its "key not found" must not count as a key that is gone.
    init(status: Int, errors: [APIMessage], isEnvelope: Bool) {
        if let whole = Self.meaning(ofBusyStatus: status) {
            self = errors.contains { $0.code == .dailyQuotaUsed } ? .dailyQuotaUsed : whole
            return
        }
        for error in errors {
            if let code = Self.meaning(of: error, status: status) {
                self = code
                return
            }
        }
        self = Self.meaning(ofStatus: status, isEnvelope: isEnvelope)
    }

    /// Reasons that make a failure in an answer with a status of success a refusal.
    private static let refusals: Set<APICode> = [
        .invalidPage, .invalidPerPage, .malformedNamespace, .malformedBody, .tooManyNamespaces, .missingTitle,
        .invalidLimit, .invalidRequest, .invalidOrder, .invalidDirection, .methodNotAllowed,
    ]

    /// Reasons that lie with the credentials, with whatever status of a refusal they come.
    private static let credentialFailures: Set<APICode> = [
        .invalidToken, .unknownKeyOrEmail, .authenticationFailed, .invalidAccessToken, .authentication, .notEntitled,
        .notPermitted,
    ]

    private static func meaning(ofBusyStatus status: Int) -> Self? {
        switch status {
        case 500...: .serverFailed
        case 429: .rateLimited
        case 408: .refused
        default: nil
        }
    }

    private static func meaning(of error: APIMessage, status: Int) -> Self? {
        switch error.code {
        case .keyNotFound: .keyNotFound
        case .namespaceNotFound, .invalidNamespaceID: .namespaceNotFound
        case .noRoute, .couldNotRoute: .routeNotFound
        case .dailyQuotaUsed: .dailyQuotaUsed
        case .rateLimited, .rateLimitedAlternative, .tooManyRequests: .rateLimited
        case .payloadTooLarge: .tooLarge
        case .titleTaken: .titleTaken
        case .invalidCursor: .invalidCursor
        case .keyTooLong, .illegalKey: .invalidKey
        case .invalidExpiration, .invalidExpirationTTL: .invalidExpiration
        case .invalidMetadata, APICode(rawValue: 10147): .invalidMetadata
        case .temporarilyUnavailable where status != 400: .serverFailed
        // With 405 the same number means that the path has no such method.
        case let code where credentialFailures.contains(code) && status != 404 && status != 405: .unauthorized
        case .invalidRequestHeaders: .unauthorized
        // One code, three meanings: only the text tells.
        case .invalidRequest where error.message.contains("non-text") || error.message.contains("non-json"):
            .nonTextValue
        case let code where (200...299).contains(status) && refusals.contains(code): .refused
        default: nil
        }
    }

    private static func meaning(ofStatus status: Int, isEnvelope: Bool) -> Self {
        switch status {
        case 401, 403: .unauthorized
        case 404: .routeNotFound
        case 413: .tooLarge
        // A failure without a reason in the dress of a success: the answer contradicts itself.
        case 200...299: isEnvelope ? .serverFailed : .malformedAnswer
        case 300...399: .redirected
        default: .refused
        }
    }

    /// What the code means, as the end of a sentence.
    var phrase: String {
        switch self {
        case .keyNotFound: "no such key"
        case .namespaceNotFound: "no such namespace"
        case .routeNotFound: "the API has no such path; is the account id right?"
        case .unauthorized: "the API does not accept the credentials for this"
        case .rateLimited: "the request limit of the account is used up"
        case .dailyQuotaUsed: "the free plan's quota is used up until 00:00 UTC"
        case .tooLarge: "too large for one request"
        case .nonTextValue: "at least one of the values is not text"
        case .titleTaken: "another namespace has this title"
        case .invalidCursor: "the list cursor is not valid any more"
        case .invalidKey: "the API does not accept the key"
        case .invalidExpiration: "the API does not accept the expiration"
        case .invalidMetadata: "the API does not accept the metadata"
        case .serverFailed: "the API failed"
        case .malformedAnswer: "the answer is not the API's"
        default: "the API refused the request"
        }
    }
}

extension KVError {
    /// Whether it is certain that the request has changed nothing: it was refused, and so was every attempt before.
    package var hasChangedNothing: Bool {
        if followsUnknownOutcome { return false }
        guard let status = reply?.status else { return [.invalidKey, .invalidOptions, .tlsFailed].contains(code) }
        return (400..<500).contains(status) && status != 408 && code != .serverFailed && code != .malformedAnswer
    }

    /// Reasons that lie with the account or the namespace, and hold for every other record of it as well.
    private static let refusalsOfAll: Set<APICode> = [
        .noPlan, .listingUnsupported, .notEntitled, .bulkUnsupported, .notPermitted,
    ]

    /// Whether the API refused for a reason that has nothing to do with what was sent.
    package var concernsAllRecords: Bool {
        reply?.errors.contains { Self.refusalsOfAll.contains($0.code) } ?? false
    }
}
