/// Tells text from other bytes.
public enum UTF8Text {
    /// Whether the bytes are well-formed UTF-8; the empty sequence is.
    ///
    /// By table 3-7 of the Unicode Standard: no overlong forms, no surrogates, nothing above U+10FFFF.
    public static func isValid(_ bytes: [UInt8]) -> Bool { firstFault(in: bytes) == nil }

    /// Whether the bytes are well-formed UTF-8.
    public static func isValid(_ bytes: ArraySlice<UInt8>) -> Bool { firstFault(in: bytes.span) == nil }

    /// The offset of the first byte that does not continue well-formed UTF-8, or `nil` if there is none.
    public static func firstFault(in bytes: [UInt8]) -> Int? { firstFault(in: bytes.span) }

    /// Whether the bytes are well-formed UTF-8.
    package static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.withMemoryRebound(to: UInt8.self) { firstFault(in: $0.span) == nil }
    }

    private static func firstFault(in bytes: Span<UInt8>) -> Int? {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes)
            return nil
        } catch {
            return error.byteOffsets.lowerBound
        }
    }
}
