package import KVModel

extension EdgeRecords {
    /// A key that KV accepts: an edge case, a relative of one, or random text.
    package mutating func key() -> KVKey {
        while true {
            let key = anyKey()
            if key.problem == nil { return key }
        }
    }

    private mutating func anyKey() -> KVKey {
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: generator.pick(Self.keys)
        case 1: KVKey(generator.pick(Self.keys).string + text(upTo: 8))
        case 2: KVKey(text(upTo: 512))
        case 3:
            KVKey(
                "\(generator.pick(["user", "user:", "session/", "cache."]))\(Int.random(in: 0...99_999, using: &generator))"
            )
        case 4:
            KVKey(
                "\(UInt64.random(in: 0...UInt64.max, using: &generator) >> UInt64.random(in: 0..<64, using: &generator))"
            )
        default: KVKey(text(upTo: 24))
        }
    }

    private mutating func integer(upTo maximum: UInt64) -> UInt64 { UInt64.random(in: 0...maximum, using: &generator) }

    /// Keys that KV refuses: empty, dots alone, 513 bytes.
    package static let refusedKeys: [KVKey] = [
        "", ".", "..", KVKey(String(repeating: "a", count: 513)), KVKey(String(repeating: "é", count: 256) + "a"),
    ]

    /// Keys that KV accepts and programs get wrong, each once.
    package static let keys: [KVKey] = pathKeys + characterKeys + nameKeys + longKeys

    /// Keys that look like parts of a URL or a path.
    package static let pathKeys: [KVKey] = [
        "...", "....", " ", "  ", " .", ". ", "./", "../", "a/../b", "../../etc/passwd", "/x", "x/", "/", "//", "a//b",
        "/.", "/..", "%2F", "%2f", "%", "%%", "%zz", "%2", "%2e", "%2E%2E", "%00", "%25", "%252F", "+", "a+b", "a b",
        "a%20b",
        "?", "a?b=c", "#", "a#b", "&", "=", "a=b&c=d", ";", ":", "@", "!", "$", "*", "(", ")", ",", "'", "~", "^", "|",
        "[", "]",
        "{", "}", "<", ">", "`", "<script>alert(1)</script>", "C:\\x", "-", "--", "-rf", "--help", "~/x", "$HOME",
        "*.*",
        "http://example.com/a?b#c", "bulk", "bulk/get", "values", "keys", "metadata", "manifest.json",
    ]

    /// Keys made of characters that terminals, databases, JSON or Unicode treat in their own way.
    package static let characterKeys: [KVKey] = [
        "\"", "\\", "\\\\", "\\n", "\\u0041", "\u{0}", "a\u{0}b", "a\u{0}", "\u{1}", "\t", "\n", "a\nb", "a\n", "\r",
        "\r\n",
        "\u{1B}[31mred", "\u{1F}", "\u{7F}", "\u{80}", "\u{85}", "\u{9B}31m", "\u{9F}", "\u{A0}", "\u{AD}", "\u{FEFF}",
        "\u{FEFF}a", "a", "\u{FFFD}", "\u{FFFE}", "\u{FFFF}", "\u{10FFFF}", "\u{D7FF}", "\u{E000}",
        "\u{E9}", "e\u{301}", "caf\u{E9}", "cafe\u{301}", "\u{212A}", "K", "k", "\u{C5}", "\u{212B}", "A\u{30A}",
        "\u{FB01}", "fi",
        "\u{FF5E}", "\u{1F600}", "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}", "\u{1F1E9}\u{1F1EA}", "\u{202E}evil",
        "\u{2066}x\u{2069}",
        "\u{200B}", "a\u{200B}", "\u{200D}", "\u{2028}", "\u{2029}", "\u{301}", "日本語", "عربي", "ß", "ẞ", "İ",
        "i\u{307}", "ı",
    ]

    /// Keys that are words of some language or format, and keys that differ in almost nothing.
    package static let nameKeys: [KVKey] = [
        "__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "length", "null", "true", "false",
        "undefined",
        "NaN", "nil", "0", "1", "42", "-1", "-0", "007", "00", "1.0", "1e3", "4294967294", "4294967295", "4294967296",
        "9007199254740993", "{}", "[]", "\"\"", "{\"key\":\"a\"}", "NULL", "' OR 1=1 --", "x'00'", "%s%n", "A", "aa",
        "aA", "Aa",
        "user", "user:", "user:1", "user:10", "user:100", "user:2", "user;", "user9", "user/1", "user.1", "users",
    ]

    /// The longest keys, 512 bytes each, and their neighbours.
    package static let longKeys: [KVKey] = [
        KVKey(String(repeating: "a", count: 512)), KVKey(String(repeating: "a", count: 511)),
        KVKey(String(repeating: "a", count: 511) + "b"), KVKey(String(repeating: "é", count: 256)),
        KVKey(String(repeating: "\u{1F600}", count: 128)), KVKey(String(repeating: "\u{FFFD}", count: 170) + "xy"),
        KVKey(String(repeating: "\u{1}", count: 512)), KVKey(String(repeating: "\u{0}", count: 512)),
        KVKey(String(repeating: "\"", count: 512)), KVKey(String(repeating: "%", count: 512)),
        KVKey(String(repeating: "/", count: 512)), KVKey(String(repeating: " ", count: 512)),
        KVKey(String(repeating: "../", count: 170)),
    ]
}
