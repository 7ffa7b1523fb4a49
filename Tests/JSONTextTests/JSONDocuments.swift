import Testing

/// Texts with the verdict of RFC 8259, by what they try.
struct JSONDocuments: CustomTestStringConvertible {
    var area: String
    var testDescription: String { area }
    var valid: [[UInt8]]
    var invalid: [[UInt8]]

    init(_ area: String, valid: [String], invalid: [String]) {
        self.area = area
        self.valid = valid.map { Array($0.utf8) }
        self.invalid = invalid.map { Array($0.utf8) }
    }

    init(_ area: String, validBytes: [[UInt8]], invalidBytes: [[UInt8]]) {
        self.area = area
        valid = validBytes
        invalid = invalidBytes
    }

    static let all: [JSONDocuments] = [
        structure, words, numbers, strings, escapes, surrogates, shortEscapes, bareControls, whitespace, encoding,
        depth,
    ]

    static let structure = JSONDocuments(
        "structure",
        valid: [
            "[]", "{}", "[[]]", "[{}]", "[[],[]]", "[[],{}]", "{\"a\":[]}", "{\"a\":{}}", "[1]", "[1,2]", "[1,[2,[3]]]",
            "[\"\"]",
            "{\"\":0}", "{\"a\":1}", "{\"a\":1,\"b\":2}", "{\"a\":1,\"a\":1}", "{\"a\":1,\"a\":2}",
            "{\"a\":{\"a\":{\"a\":1}}}",
            "[null,true,false,0,\"\",[],{}]",
            "{\"a\":null,\"b\":true,\"c\":false,\"d\":0,\"e\":\"\",\"f\":[],\"g\":{}}",
            "\"\"", "0", "null", "[\"]\"]", "[\"[\"]", "[\",\"]", "{\"}\":\"{\"}", "{\":\":\",\"}",
            "{\"\\\"\":\"\\\"\"}",
        ],
        invalid: [
            "", "[", "]", "{", "}", "[]]", "[[]", "{}}", "{{}}", "[}", "{]", "[{]}", "[,]", "[1,]", "[,1]", "[1,,2]",
            "[1 2]", "[1:2]",
            "[1;2]", "[1,2", "1,2]", "{,}", "{\"a\"}", "{\"a\":}", "{:1}", "{\"a\":1,}", "{,\"a\":1}",
            "{\"a\":1,,\"b\":2}", "{\"a\" 1}",
            "{\"a\"::1}", "{\"a\",1}", "{\"a\":1 \"b\":2}", "{\"a\":1;\"b\":2}", "{a:1}", "{'a':1}", "{1:2}",
            "{null:1}", "{[]:1}", "{{}:1}",
            "{\"a\":1:2}", "{\"a\":1,\"b\"}", "{\"a\":1", "{\"a\":", "{\"a\"", "{\"a", "{\"", "[\"a", "[\"", "\"",
            "\"a", ",", ":", "[]{}",
            "[] []", "1 2", "1,2", "{} {}", "null null", "\"a\"\"b\"", "\"a\",", "[],", "{},", "[1]x", "{}x", "'a'",
            "[']", "//", "/**/1",
            "1//", "[1/**/]", "#", "(1)", "<1>", "[1,2)", "undefined", "[undefined]", "{\"a\":1}}", "[1]]", "[\"a\":1]",
            "{1}", "{\"a\":[}",
        ])

    static let words = JSONDocuments(
        "words",
        valid: ["true", "false", "null", "[true]", "[false,null]", "{\"true\":true}"],
        invalid: [
            "t", "tr", "tru", "f", "fals", "n", "nul", "True", "TRUE", "tRUE", "False", "Null", "NULL", "nil", "none",
            "truE", "truee", "nulll",
            "falsey", "true1", "1true", "truefalse", "[truefalse]", "[nul]", "[tru,]", "NaN", "nan", "Infinity",
            "-Infinity", "-NaN", "inf",
            "[NaN]", "[-Infinity]", "null\u{0}", "nu\u{0}ll", "ｔrue", "yes", "no",
        ])

    static let numbers = JSONDocuments(
        "numbers",
        valid: [
            "0", "-0", "1", "9", "10", "-1", "123456789", "0.0", "-0.0", "0.1", "1.0", "10.01",
            "1.000000000000000000000000000001", "0e0", "0E0",
            "0e+0", "0e-0", "0e00", "1e1", "1E1", "1e+1", "1E-1", "1e01", "1.5e10", "-1.5E-10", "1e400", "-1e400",
            "1e-400", "1e999999999999999999999",
            "9007199254740993", "12345678901234567890123", "-9223372036854775809", "18446744073709551616",
            "3.141592653589793238462643383279",
            "[0]", "[-0,1]", "{\"a\":-1.0e+5}",
        ],
        invalid: [
            "-", "+", "+1", "--1", "-+1", "+-1", "00", "01", "-00", "-01", "007", "0x10", "0b1", "0o7", "1.", "-1.",
            ".", ".5", "-.5", "0.", "1..2",
            "1.2.3", "1.e1", ".e1", "e1", "E", "1e", "1E", "1e+", "1e-", "1e++1", "1e+-1", "1ee1", "1e1e1", "1e1.5",
            "1e.5", "0e", "0.0e", "1_000",
            "1,000", "1 000", "- 1", "1 .5", "1. 5", "1e 5", "1f", "1L", "1n", "1%", "$1", "1-", "1+1", "0-0", "0+",
            "１", "٣", "1\u{0}", "[1.]", "[.1]",
            "[-]", "[1e]", "[01]", "{\"a\":+1}", "0x", "-e1", "∞", "½",
        ])

    static let strings = JSONDocuments(
        "strings",
        valid: [
            "\"a\"", "\" \"", "\"\u{7F}\"", "\"\u{80}\"", "\"\u{9F}\"", "\"é\"", "\"e\u{301}\"", "\"\u{2028}\u{2029}\"",
            "\"\u{FEFF}\"", "\"\u{FFFD}\"",
            "\"\u{FFFE}\u{FFFF}\"", "\"\u{1F600}\"", "\"\u{10FFFF}\"", "\"'\"", "\"/\"", "\"{}[],:\"", "\"//\"",
            "\"a b\"", "\"null\"", "\"\u{202E}\"",
            "\"0123456\"", "\"01234567\"", "\"012345678\"", "\"0123456789abcdef\"", "\"0123456789abcde\\\"\"",
            "\"0123456\\\\\"",
        ],
        invalid: [
            "\"a", "a\"", "\"a\"b", "\"a\"b\"", "\"\"\"", "\"a\nb\"", "\"a\rb\"", "\"a\tb\"", "\"\u{0}\"", "\"\u{1F}\"",
            "“a”", "`a`", "\"0123456\n\"",
            "\"01234567\n\"", "\"0123456789abcde", "\"0123456789abcdef", "\"\\\"", "\"a\\\"", "[\"a]", "[\"a\\\"]",
            "[a\"]", "\"é", "\"\u{10FFFF}",
        ])

    static let escapes = JSONDocuments(
        "escapes",
        valid: [
            "\"\\u0000\"", "\"\\u001f\"", "\"\\u001F\"", "\"\\u0041\"", "\"\\u00e9\"", "\"\\u00E9\"", "\"\\u2028\"",
            "\"\\uFFFF\"", "\"\\uabcd\"", "\"\\uABCD\"",
            "\"\\u00411\"", "\"\\\\u0041\"", "\"\\\\\"", "\"\\\\\\\\\"", "\"\\\\\\\"\"", "\"\\/\"", "\"a\\nb\\tc\"",
            "{\"\\u0061\":1}", "{\"\\n\":1}",
        ],
        invalid: [
            "\"\\u\"", "\"\\u0\"", "\"\\u00\"", "\"\\u004\"", "\"\\u004g\"", "\"\\u00g1\"", "\"\\ug041\"",
            "\"\\u 041\"", "\"\\u-041\"", "\"\\u+041\"",
            "\"\\u0x41\"", "\"\\U0041\"", "\"\\x41\"", "\"\\0\"", "\"\\101\"", "\"\\a\"", "\"\\v\"", "\"\\e\"",
            "\"\\'\"", "\"\\ \"", "\"\\\n\"", "\"\\é\"",
            "\"\\u{41}\"", "\"\\u００４１\"", "\"\\", "\"\\\\\\\"", "\"\\u", "\"\\u0", "\"\\u00", "\"\\u004", "\"\\u0041",
            "\\n", "\"\\N\"", "\"\\T\"", "\"\\uD83D\\u\"",
        ])

    static let surrogates = JSONDocuments(
        "surrogates",
        // Half a pair has no meaning but is grammatical (RFC 8259, section 8.2).
        valid: [
            "\"\\ud83d\\ude00\"", "\"\\uD83D\\uDE00\"", "\"\\ud800\\udc00\"", "\"\\udbff\\udfff\"", "\"\\ud800\"",
            "\"\\udbff\"", "\"\\udc00\"", "\"\\udfff\"",
            "\"\\ud800x\"", "\"\\ud800\\u0041\"", "\"\\ud800\\ud800\"", "\"\\udc00\\ud800\"", "\"\\ud800\\n\"",
            "\"\\ud800\\\\udc00\"", "[\"\\ud800\",\"\\udc00\"]",
        ],
        invalid: [
            "\"\\ud800\\u\"", "\"\\ud800\\udc0\"", "\"\\ud800\\\"", "\"\\ud800\\udc0g\"", "\"\\ud80\"",
            "\"\\ud83d\\ude0",
        ])

    /// Every ASCII character after a backslash.
    static let shortEscapes: JSONDocuments = {
        let letters = Array("\"\\/bfnrt".utf8)
        let texts = (UInt8(0)...0x7F).filter { $0 != 0x75 }.map { ($0, [0x22, 0x5C, $0, 0x22] as [UInt8]) }
        return JSONDocuments(
            "short escapes",
            validBytes: texts.filter { letters.contains($0.0) && $0.0 != 0x22 }.map(\.1) + [Array("\"\\\"\"".utf8)],
            invalidBytes: texts.filter { !letters.contains($0.0) }.map(\.1))
    }()

    /// Every byte bare between quotes, at each place of an eight-byte word.
    static let bareControls: JSONDocuments = {
        var valid: [[UInt8]] = []
        var invalid: [[UInt8]] = []
        for byte in UInt8(0)...0x7F where byte != 0x22 && byte != 0x5C {
            for padding in [0, 1, 6, 7, 8] {
                let text = [0x22] + [UInt8](repeating: 0x61, count: padding) + [byte, 0x62, 0x22]
                if byte < 0x20 { invalid.append(text) } else { valid.append(text) }
            }
        }
        return JSONDocuments("bare characters", validBytes: valid, invalidBytes: invalid)
    }()

    static let whitespace: JSONDocuments = {
        let places: [(String) -> String] = [
            { "\($0)1" }, { "1\($0)" }, { "[\($0)]" }, { "[1\($0),2]" }, { "[1,\($0)2]" }, { "{\($0)}" },
            { "{\"a\"\($0):1}" }, { "{\"a\":\($0)1}" },
            { "{\"a\":1\($0),\"b\":2}" }, { "{\"a\":1,\($0)\"b\":2}" }, { "{\"a\":1\($0)}" }, { "\($0){}\($0)" },
        ]
        let spaces = [" ", "\t", "\n", "\r", "\r\n", " \t\r\n ", "        "]
        let others = [
            "\u{0}", "\u{B}", "\u{C}", "\u{1C}", "\u{1F}", "\u{7F}", "\u{85}", "\u{A0}", "\u{1680}", "\u{2003}",
            "\u{2028}", "\u{2029}", "\u{200B}", "\u{3000}",
            "\u{FEFF}", "\\n", "\\", "\u{8}",
        ]
        return JSONDocuments(
            "white space", valid: places.flatMap { place in spaces.map(place) },
            invalid: places.flatMap { place in others.map(place) } + spaces + [
                "1 1", "tr ue", "- 1", "1 e5", "nul\nl", "\"a\nb\"",
            ])
    }()

    static let encoding = JSONDocuments(
        "encoding",
        validBytes: [
            [0x22, 0xC3, 0xA9, 0x22], [0x22, 0xF4, 0x8F, 0xBF, 0xBF, 0x22], [0x22, 0xEF, 0xBF, 0xBE, 0x22],
            [0x22, 0xED, 0x9F, 0xBF, 0x22],
        ],
        invalidBytes: [
            [0xEF, 0xBB, 0xBF, 0x31], [0xEF, 0xBB, 0xBF], [0xFF, 0xFE, 0x31, 0x00], [0x31, 0x00], [0x00, 0x31],
            [0x22, 0x80, 0x22], [0x22, 0xFF, 0x22],
            [0x22, 0xC3, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xC1, 0xA1, 0x22], [0x22, 0xE0, 0x80, 0xA2, 0x22],
            [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80, 0x22], [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22],
            [0x22, 0xF0, 0x9F, 0x98, 0x22], [0x22, 0xE2, 0x82, 0x22],
            [0x80], [0xFF], [0x31, 0xFF], [0xC0, 0xB1], [0x5B, 0xA0, 0x5D], [0x22, 0x61, 0xFE, 0x22],
            [0x31, 0xC2, 0xA0],
        ])

    static let depth = JSONDocuments(
        "depth",
        valid: [
            nested("[", "]", 200), nested("{\"a\":", "}", 200, inner: "1"), nested("[{\"a\":", "}]", 100, inner: "0"),
            nested("[", "]", 1000),
            nested("[1,", "]", 300, inner: "2"),
        ],
        invalid: [
            String(repeating: "[", count: 1000), String(repeating: "]", count: 1000),
            String(repeating: "{\"a\":", count: 900),
            nested("[", "]", 300) + "]", "[" + nested("[", "]", 300), nested("[", "}", 300),
            nested("{\"a\":", "]", 300, inner: "1"),
        ])

    static func nested(_ open: String, _ close: String, _ count: Int, inner: String = "") -> String {
        String(repeating: open, count: count) + inner + String(repeating: close, count: count)
    }
}
