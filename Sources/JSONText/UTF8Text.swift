/// Tells text from other bytes.
public enum UTF8Text {
    /// Whether the bytes are well-formed UTF-8; the empty sequence is.
    ///
    /// By table 3-7 of the Unicode Standard: no overlong forms, no surrogates, nothing above U+10FFFF.
    public static func isValid(_ bytes: [UInt8]) -> Bool { isValid(bytes[...]) }

    /// Whether the bytes are well-formed UTF-8.
    public static func isValid(_ bytes: ArraySlice<UInt8>) -> Bool {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes.span)
            return true
        } catch {
            return false
        }
    }
}
