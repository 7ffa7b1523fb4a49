import KVTransfer
import Testing

@Suite struct KeyGlobTests {
    @Test(arguments: [
        ("*", "", true), ("*", "anything/at all", true), ("user:*", "user:1", true), ("user:*", "user", false),
        ("user:*", "xuser:1", false), ("?", "😀", true), ("?", "e\u{301}", false), ("??", "e\u{301}", true),
        ("a*b*c", "aXbYbZc", true), ("a*b*c", "aXbYbZ", false), ("[a-c]x", "bx", true), ("[a-c]x", "dx", false),
        ("[!a-c]x", "dx", true), ("[^a-c]x", "ax", false), ("[a-]", "-", true), ("[\\]]", "]", true),
        ("\\*", "*", true), ("\\*", "a", false), ("*.*", ".hidden/x.y", true), ("A", "a", false),
        ("\u{E9}", "e\u{301}", false), ("*\u{0}*", "a\u{0}b", true), ("[α-ω]", "β", true), ("", "a", false),
    ])
    func `a pattern matches whole keys, character by character`(pattern: String, key: String, isMatch: Bool) throws {
        #expect(try KeyGlob(pattern).matches(KVKey(key)) == isMatch)
    }

    @Test(arguments: ["[", "[a", "[]", "[z-a]", "\\", "[a\\"])
    func `a pattern that is not whole is refused`(pattern: String) {
        #expect(throws: KeyGlob.Fault.self) { try KeyGlob(pattern) }
    }

    @Test func `what stands before the first special character is a prefix of all matches`() throws {
        #expect(try KeyGlob("user:\\*[0-9]*").literalPrefix == "user:*")
        #expect(try KeyGlob("*").literalPrefix == "")
    }

    @Test func `many runs of anything take no more than the product of the lengths`() throws {
        let glob = try KeyGlob(String(repeating: "*a", count: 250) + "*b")
        #expect(!glob.matches(KVKey(String(repeating: "a", count: 512))))
    }
}
