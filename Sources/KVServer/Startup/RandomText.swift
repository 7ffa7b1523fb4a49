/// Texts nobody can guess, from the system's random numbers.
enum RandomText {
    /// Lowercase hexadecimal digits.
    static func hexadecimal(_ count: Int) -> String { text(count, of: "0123456789abcdef") }

    /// Letters and digits.
    static func alphanumeric(_ count: Int) -> String {
        text(count, of: "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    }

    private static func text(_ count: Int, of alphabet: String) -> String {
        let characters = Array(alphabet)
        var generator = SystemRandomNumberGenerator()
        var text = ""
        for _ in 0..<count { text.append(characters[Int.random(in: characters.indices, using: &generator)]) }
        return text
    }
}
