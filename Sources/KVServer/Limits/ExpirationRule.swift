import KVModel

/// What an expiration must be, in the order in which the API checks it.
///
/// A TTL wins over an absolute time; both must lie 60 seconds ahead at least. Numbers are read as JavaScript's
/// `parseInt` does, so that `60.9` is 60.
enum ExpirationRule {
    /// The largest number that every client can hold exactly.
    private static let maximum: Int64 = 9_007_199_254_740_991

    /// A hundred years: who asks for more has probably given milliseconds.
    private static let farSeconds: Int64 = 3_155_760_000

    /// Decides when a key expires.
    ///
    /// - Parameters:
    ///   - expiration: What the request says, as it says it.
    ///   - ttl: What the request says, as it says it.
    ///   - now: The time of the request.
    ///   - operation: The name of the operation, for messages.
    /// - Returns: The absolute time, or `nil` for a key that stays.
    /// - Throws: The refusal.
    static func moment(
        expiration: String?, ttl: String?, now: UnixTime, operation: String
    ) throws(APIFault) -> UnixTime? {
        if let ttl { return try moment(afterTTL: ttl, now: now, operation: operation) }
        guard let expiration else { return nil }
        guard let seconds = integer(expiration), seconds > now.seconds else {
            throw APIFault(
                .invalidExpiration, operation,
                "Invalid expiration of \(expiration). Please specify integer greater than the current number of "
                    + "seconds since the UNIX epoch.")
        }
        guard UnixTime(seconds: seconds) >= now + KVLimits.expirationMinimumSeconds else {
            throw APIFault(
                .invalidExpiration, operation,
                "Invalid expiration of \(expiration). Expiration times must be at least "
                    + "\(KVLimits.expirationMinimumSeconds) seconds in the future.")
        }
        return UnixTime(seconds: seconds)
    }

    private static func moment(afterTTL ttl: String, now: UnixTime, operation: String) throws(APIFault) -> UnixTime {
        guard let seconds = integer(ttl), seconds > 0 else {
            throw APIFault(
                .invalidExpirationTTL, operation,
                "Invalid expiration_ttl of \(ttl). Please specify integer greater than 0.")
        }
        guard seconds >= KVLimits.expirationMinimumSeconds else {
            throw APIFault(
                .invalidExpirationTTL, operation,
                "Invalid expiration_ttl of \(ttl). Expiration TTL must be at least "
                    + "\(KVLimits.expirationMinimumSeconds).")
        }
        return now + seconds
    }

    /// What is odd about times that were taken.
    ///
    /// - Parameters:
    ///   - expiration: What the request says, as it says it.
    ///   - ttl: What the request says, as it says it.
    ///   - moment: What ``moment(expiration:ttl:now:operation:)`` made of it.
    ///   - now: The time of the request.
    /// - Returns: A warning for each oddity.
    static func warnings(
        expiration: String?, ttl: String?, moment: UnixTime?, now: UnixTime
    ) -> [RequestWarning] {
        guard let moment, let text = ttl ?? expiration else { return [] }
        let name = ttl == nil ? "expiration" : "expiration_ttl"
        var warnings: [RequestWarning] = []
        if ttl != nil, expiration != nil {
            warnings.append(RequestWarning(.bothTimes, "expiration_ttl wins over the expiration beside it"))
        }
        if !text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let seconds = integer(text) {
            warnings.append(
                RequestWarning(.cutNumber, "the \(name) \(RequestWarning.quoted(text)) is read as \(seconds)"))
        }
        if moment > now + farSeconds {
            warnings.append(
                RequestWarning(
                    .farExpiration,
                    "the \(name) \(text) lies more than a hundred years ahead; times are in seconds, not milliseconds"))
        }
        return warnings
    }

    /// The whole number a text starts with, or `nil` if there is none or it is too large to be exact everywhere.
    static func integer(_ text: String) -> Int64? {
        var bytes = text.utf8.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let isNegative = bytes.first == 0x2D
        if isNegative || bytes.first == 0x2B { bytes = bytes.dropFirst() }
        let digits = bytes.prefix { (0x30...0x39).contains($0) }
        guard !digits.isEmpty else { return nil }
        var number: Int64 = 0
        for digit in digits {
            number = number * 10 + Int64(digit - 0x30)
            guard number <= maximum else { return nil }
        }
        return isNegative ? -number : number
    }
}
