/// Whole numbers in headers.
enum WholeNumber {
    /// The number that a text of nothing but digits is.
    static func parse(_ text: String) -> Double? {
        let text = text.trimmingWhitespace()
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text) else {
            return nil
        }
        return Double(number)
    }
}
