/// A numeric code in the `errors` of an answer of the Workers KV REST API.
///
/// Codes are compared by number; the API has more of them than are named here.
public struct APICode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number.
    public let rawValue: Int

    /// Wraps a number, known or not.
    public init(rawValue: Int) { self.rawValue = rawValue }

    private init(_ rawValue: Int) { self.rawValue = rawValue }

    /// The number in decimal.
    public var description: String { String(rawValue) }
}

extension APICode {
    /// "Please wait and consider throttling your request speed": the account's request limit is used up (429).
    public static let rateLimited = APICode(971)
    /// The API token is not valid (400 or 401).
    public static let invalidToken = APICode(1000)
    /// The `Authorization` header is malformed (400).
    public static let invalidRequestHeaders = APICode(6003)
    /// No such route (404).
    public static let noRoute = APICode(7000)
    /// No such route, most often because the account id is wrong (404).
    public static let couldNotRoute = APICode(7003)
    /// The key or the e-mail address is not one that the API knows (400 or 403).
    public static let unknownKeyOrEmail = APICode(9103)
    /// Authentication failed, for one because the token is an account's and the path a user's (400 or 403).
    public static let authenticationFailed = APICode(9106)
    /// The access token is not valid (400 or 403).
    public static let invalidAccessToken = APICode(9109)
    /// Authentication failed; the same number in `messages` of a token verification means that all is well.
    public static let authentication = APICode(10000)
    /// The service is unavailable for a moment.
    public static let temporarilyUnavailable = APICode(10001)
    /// A bad page number in a list of namespaces.
    public static let invalidPage = APICode(10007)
    /// A bad page size in a list of namespaces.
    public static let invalidPerPage = APICode(10008)
    /// The key does not exist or has expired (404).
    public static let keyNotFound = APICode(10009)
    /// The body of a namespace request is not what it should be.
    public static let malformedNamespace = APICode(10010)
    /// The namespace id in the path is not a UUID (400).
    public static let invalidNamespaceID = APICode(10011)
    /// A value or a bulk body has the wrong shape.
    public static let malformedBody = APICode(10012)
    /// The namespace does not exist (404).
    public static let namespaceNotFound = APICode(10013)
    /// Another namespace of the account has this title (400).
    public static let titleTaken = APICode(10014)
    /// The account has no plan that KV comes with.
    public static let noPlan = APICode(10017)
    /// The account has as many namespaces as it may have.
    public static let tooManyNamespaces = APICode(10018)
    /// A namespace needs a title.
    public static let missingTitle = APICode(10019)
    /// The namespace is too old to list its keys.
    public static let listingUnsupported = APICode(10021)
    /// Too many writes to the same key.
    public static let tooManyRequests = APICode(10022)
    /// A value or a request is too large (413).
    public static let payloadTooLarge = APICode(10024)
    /// The account may not do this.
    public static let notEntitled = APICode(10026)
    /// A bad `limit` in a list of keys.
    public static let invalidLimit = APICode(10028)
    /// A bulk get that cannot be answered: a non-text value, more than 100 keys or none (400).
    ///
    /// Only the message tells which.
    public static let invalidRequest = APICode(10029)
    /// The key is longer than 512 bytes.
    public static let keyTooLong = APICode(10030)
    /// A bad `expiration` (400).
    public static let invalidExpiration = APICode(10033)
    /// A bad `expiration_ttl` (400).
    public static let invalidExpirationTTL = APICode(10034)
    /// The namespace is too old for bulk requests.
    public static let bulkUnsupported = APICode(10035)
    /// The user may not do this.
    public static let notPermitted = APICode(10037)
    /// A list cursor the API does not know (400).
    public static let invalidCursor = APICode(10041)
    /// A key that KV does not allow: empty, `.` or `..`.
    public static let illegalKey = APICode(10042)
    /// A bad `order` in a list of namespaces.
    public static let invalidOrder = APICode(10043)
    /// A bad `direction` in a list of namespaces.
    public static let invalidDirection = APICode(10044)
    /// Metadata that is not JSON, or too long (400).
    public static let invalidMetadata = APICode(10047)
    /// The daily quota of the free plan is used up until 00:00 UTC; not a rate limit.
    public static let dailyQuotaUsed = APICode(10048)
    /// The path exists, the method does not (405).
    public static let methodNotAllowed = APICode(10405)
    /// Another code for a used-up request limit (429).
    public static let rateLimitedAlternative = APICode(10429)
}
