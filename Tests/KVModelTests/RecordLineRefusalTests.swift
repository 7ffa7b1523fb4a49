import KVModel
import KVTestSupport
import Testing

/// A record has one line; all other ways to write it are refused, because hashes and diffs compare lines.
@Suite struct RecordLineRefusalTests {
    private func isRefused(_ line: String) -> Bool { isRefused(Array(line.utf8)) }

    private func isRefused(_ line: [UInt8]) -> Bool {
        do throws(RecordLine.Fault) {
            _ = try RecordLine(parsing: line)
            return false
        } catch {
            return !error.description.isEmpty
        }
    }

    @Test(arguments: [
        #"{"key":"k","value":""}"#, #"{"key":"k","expiration":1,"value":""}"#,
        #"{"key":"k","expiration":9223372036854775807,"value":""}"#,
        #"{"key":"k","metadata":{},"value":""}"#, #"{"key":"k","metadata":"null","value":""}"#,
        #"{"key":"k","metadata":[null],"value":""}"#,
        #"{"key":"k","metadata":{"\u006bey":"\/\u0041 ","a":1,"a":1.0},"value":""}"#,
        #"{"key":"k","base64":true,"value":"/w=="}"#,
        #"{"key":"\u0000\u001f\b\f\n\r\t\"\\/","value":"\u0000\u001f\b\f\n\r\t\"\\/"}"#,
        #"{"key":"...","value":"..."}"#,
        #"{"key":"k","expiration":1,"metadata":0,"base64":true,"value":"gA=="}"#, #"{"key":"value","value":"key"}"#,
    ])
    func `a canonical line is read`(line: String) { #expect(!isRefused(line)) }

    @Test(arguments: [
        #"{"key":"a\/b","value":""}"#, #"{"key":"\u0041","value":""}"#, #"{"key":"\u001F","value":""}"#,
        #"{"key":"\u000a","value":""}"#,
        #"{"key":"\u0008","value":""}"#, #"{"key":"\u0022","value":""}"#, #"{"key":"\u005c","value":""}"#,
        #"{"key":"\u007f","value":""}"#,
        #"{"key":"\u00e9","value":""}"#, #"{"key":"\ud83d\ude00","value":""}"#, #"{"key":"\ud800","value":""}"#,
        #"{"key":"k","value":"a\/b"}"#, #"{"key":"k","value":"\u0041"}"#, #"{"key":"k","value":"\u001F"}"#,
        #"{"key":"k","value":"\u000A"}"#,
        #"{"key":"k","value":"\u000a"}"#, #"{"key":"k","value":"\u0009"}"#, #"{"key":"k","value":"\u000c"}"#,
        #"{"key":"k","value":"\u000d"}"#,
        #"{"key":"k","value":"\u2028"}"#, #"{"key":"k","value":"\udfff"}"#, #"{"key":"k","value":"\ud800\udc00"}"#,
    ])
    func `a string that could be written shorter or bare is refused`(line: String) { #expect(isRefused(line)) }

    @Test func `white space is refused wherever it stands`() {
        let line = Array(#"{"key":"k","expiration":12,"metadata":{"a":[1,"x"]},"base64":true,"value":"/w=="}"#.utf8)
        #expect(!isRefused(line))
        for index in 0...line.count {
            for space in Array(" \t\n\r".utf8) {
                var spaced = line
                spaced.insert(space, at: index)
                // In a string of the metadata a space is data, and so it is in the key.
                let isData = space == 0x20 && isInFreeString(line, index)
                #expect(isRefused(spaced) == !isData, "\(space) at \(index)")
            }
        }
    }

    @Test(arguments: [
        #"{"value":"","key":"k"}"#, #"{"expiration":1,"key":"k","value":""}"#,
        #"{"key":"k","value":"","expiration":1}"#,
        #"{"key":"k","metadata":1,"expiration":1,"value":""}"#,
        #"{"key":"k","base64":true,"metadata":1,"value":"/w=="}"#,
        #"{"key":"k","base64":true,"expiration":1,"value":"/w=="}"#, #"{"key":"k","value":"/w==","base64":true}"#,
        #"{"key":"k","key":"k","value":""}"#, #"{"key":"k","value":"","value":""}"#,
        #"{"key":"k","expiration":1,"expiration":1,"value":""}"#,
        #"{"key":"k","metadata":1,"metadata":1,"value":""}"#,
        #"{"key":"k","base64":true,"base64":true,"value":"/w=="}"#,
        #"{"key":"k","expiration_ttl":60,"value":""}"#, #"{"key":"k","x":1,"value":""}"#,
        #"{"key":"k","value":"","x":1}"#, #"{"key":"k"}"#,
        #"{"value":""}"#, #"{}"#, #"{"key":"k","value":null}"#, #"{"key":null,"value":""}"#, #"{"key":1,"value":""}"#,
        #"{"key":"k","value":1}"#,
        #"{"key":"k","value":{}}"#, #"{"Key":"k","value":""}"#, #"{"name":"k","value":""}"#,
        #"[{"key":"k","value":""}]"#, #"["k",""]"#, "null", "", "{",
        #"{"key":"k","value":""},"#, #"{"key":"k","value":""}{}"#, #"{"key":"k","value":""}x"#,
        #"{"key":"k","value":"",}"#, #"{"key":"k","value":"}"#,
        "{\"key\":\"k\",\"value\":\"\"}\u{0}", "\u{FEFF}{\"key\":\"k\",\"value\":\"\"}", #"{"key":"k""value":""}"#,
        #"{"key":"k","value""}"#,
    ])
    func `members that are missing, unknown, double or out of order are refused`(line: String) {
        #expect(isRefused(line))
    }

    @Test(arguments: [
        #"{"\u006bey":"k","value":""}"#, #"{"key":"k","\u0076alue":""}"#,
        #"{"key":"k","expir\u0061tion":1,"value":""}"#,
        #"{"key":"k","met\u0061data":1,"value":""}"#, #"{"key":"k","b\u0061se64":true,"value":"/w=="}"#,
        "{\"\u{212A}ey\":\"k\",\"value\":\"\"}",
    ])
    func `a member's name is written plainly`(line: String) { #expect(isRefused(line)) }

    @Test(arguments: [
        "0", "-1", "-0", "1.0", "1e3", "1E3", "01", "+1", "9223372036854775808", "18446744073709551617", "1.5", "\"1\"",
        "null", "true", "[1]", "{}", "1e400", "",
        "0x1", "١",
    ])
    func `an expiration that is not a plain positive number is refused`(number: String) {
        #expect(isRefused(#"{"key":"k","expiration":\#(number),"value":""}"#))
    }

    @Test(arguments: [
        ("false", ""), ("false", "/w=="), ("null", "/w=="), ("1", "/w=="), ("\"true\"", "/w=="), ("true", ""),
        ("true", "aGVsbG8="), ("true", "w6k="),
        ("true", "/w="), ("true", "/w"), ("true", "/x=="), ("true", "//9="), ("true", "_w=="), ("true", "/w==/w=="),
        ("true", "/w== "), ("true", "/w==\\n"),
        ("true", "\\/w=="), ("true", "="), ("true", "===="), ("true", "/==="), ("true", "/w=a"), ("true", "/wé="),
        ("true", "////="), ("true", "/w==="),
    ])
    func `base64 is there only for bytes that are not text, in one spelling`(flag: String, value: String) {
        #expect(isRefused(#"{"key":"k","base64":\#(flag),"value":"\#(value)"}"#))
    }

    @Test(arguments: [
        "null", "{ }", "[1, 2]", "{\"a\": 1}", "{\"a\" :1}", " 1", "1 ", "", "{a:1}", "[1,]", "01", "NaN", "'a'",
        "\"\\x\"", "{\"a\"}",
    ])
    func `metadata that are null, spaced or not JSON are refused`(metadata: String) {
        #expect(isRefused(#"{"key":"k","metadata":\#(metadata),"value":""}"#))
    }

    @Test func `metadata may be as long as a line can hold and no longer`() {
        let longest = EdgeRecords.longMetadata(of: RecordLine.metadataBytesMaximum)
        let tooLong = EdgeRecords.longMetadata(of: RecordLine.metadataBytesMaximum + 1)
        #expect(!isRefused(#"{"key":"k","metadata":\#(longest),"value":""}"#))
        #expect(isRefused(#"{"key":"k","metadata":\#(tooLong),"value":""}"#))
    }

    @Test func `a key that KV refuses is refused`() {
        for key in EdgeRecords.refusedKeys {
            #expect(isRefused(RecordLine(KVRecord(key: key, text: "")).text), "\(key)")
        }
        for key in EdgeRecords.keys { #expect(!isRefused(RecordLine(KVRecord(key: key, text: "")).text), "\(key)") }
    }

    @Test func `bytes that are not UTF-8 are refused wherever they stand`() {
        let line = Array(#"{"key":"k","metadata":"m","value":"v"}"#.utf8)
        for index in 0...line.count {
            for bytes in EdgeRecords.invalidUTF8 {
                var broken = line
                broken.insert(contentsOf: bytes, at: index)
                #expect(isRefused(broken), "\(bytes) at \(index)")
            }
        }
    }

    /// Whether a place in a line without escapes is inside the key's text or a string of the metadata.
    private func isInFreeString(_ line: [UInt8], _ index: Int) -> Bool {
        guard line[..<index].count(where: { $0 == 0x22 }) % 2 == 1 else { return false }
        let text = String(decoding: line, as: UTF8.self)
        return ["\"k\"", "\"a\":", "\"x\""].contains { part in
            guard let range = text.firstRange(of: part) else { return false }
            let start = text.utf8.distance(from: text.startIndex, to: range.lowerBound)
            return index > start && index <= start + 2
        }
    }
}
