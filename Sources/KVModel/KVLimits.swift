/// What the Workers KV REST API accepts, each number with the document it comes from.
///
/// "Limits page" is the platform limits page of the Workers KV documentation; "API reference" is the OpenAPI text of the
/// operation named.
public enum KVLimits {
    /// The longest key, in bytes of UTF-8 (limits page).
    public static let keyBytes = 512
    /// The longest value, in bytes: 25 MiB (limits page).
    public static let valueBytes = 25 * 1024 * 1024
    /// The longest metadata, in bytes of compact JSON (limits page).
    public static let metadataBytes = 1024
    /// The most pairs in one bulk write (API reference, write multiple key-value pairs).
    public static let bulkWritePairs = 10_000
    /// The most keys in one bulk delete (API reference, delete multiple key-value pairs).
    public static let bulkDeleteKeys = 10_000
    /// The largest request body of a bulk write or delete, in bytes: 100 MB (API reference).
    public static let bulkRequestBytes = 100_000_000
    /// The most keys in one bulk get (API reference, get multiple key-value pairs).
    public static let bulkGetKeys = 100
    /// The most value bytes in one answer to a bulk get: 25 MiB.
    public static let bulkGetBytes = 25 * 1024 * 1024
    /// The smallest page a list of keys may ask for (API reference, list a namespace's keys).
    public static let listMinimum = 10
    /// The largest page a list of keys may ask for, and the default.
    public static let listMaximum = 1_000
    /// How far ahead an expiration must lie, in seconds (documentation, expiring keys).
    public static let expirationMinimumSeconds: Int64 = 60
    /// The longest title of a namespace, in characters (API reference, create a namespace).
    public static let titleCharacters = 512
    /// The most namespaces of one account (limits page).
    public static let namespacesPerAccount = 1_000
    /// The rows of a page of namespaces when the request does not say (API reference, list namespaces).
    public static let namespacePageDefault = 20
    /// The most rows of a page of namespaces.
    public static let namespacePageMaximum = 1_000
}
