/// A value that is bound to a statement.
package enum SQLiteValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])

    /// A number, or NULL.
    package static func integer(orNull value: Int64?) -> Self { value.map { .integer($0) } ?? .null }
    /// A text, or NULL.
    package static func text(orNull value: String?) -> Self { value.map { .text($0) } ?? .null }
    /// Bytes, or NULL.
    package static func blob(orNull value: [UInt8]?) -> Self { value.map { .blob($0) } ?? .null }
}

/// What a column of a row holds, whatever its table says about it.
package enum SQLiteType: Hashable, Sendable {
    case null, integer, real, text, blob
}
