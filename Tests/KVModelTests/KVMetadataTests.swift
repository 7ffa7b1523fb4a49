import JSONText
import KVModel
import KVTestSupport
import Testing

@Suite struct KVMetadataTests {
    @Test func `the text of every edge case is kept byte by byte`() throws {
        for text in EdgeRecords.metadataTexts {
            let metadata = try #require(try KVMetadata(json: text))
            #expect(metadata.json == Array(text.utf8))
            #expect(Array(metadata.text.utf8) == metadata.json)
            #expect(!metadata.isTooLong)
        }
    }

    @Test(arguments: ["null", " null", "null\n", "\t null \r\n"]) func `null is no metadata`(text: String) throws {
        #expect(try KVMetadata(json: text) == nil)
    }

    @Test(arguments: ["", " ", "nul", "{", "{\"a\":1}}", "undefined", "NaN", "'a'", "1 2", "\u{FEFF}{}", "\"a\u{1}b\""])
    func `what is not JSON is refused`(text: String) { #expect(throws: JSONError.self) { try KVMetadata(json: text) } }

    @Test func `white space goes and is not counted`() throws {
        let metadata = try #require(try KVMetadata(json: " { \"a b\" : [ 1.0 , 1e400 ] } "))
        #expect(metadata.text == "{\"a b\":[1.0,1e400]}")
    }

    @Test func `1024 bytes are not too long and 1025 are`() throws {
        #expect(try KVMetadata(json: EdgeRecords.longMetadata(of: 1024))?.isTooLong == false)
        #expect(try KVMetadata(json: EdgeRecords.longMetadata(of: 1025))?.isTooLong == true)
        #expect(try KVMetadata(json: EdgeRecords.longMetadata(of: 1024) + "  ")?.isTooLong == false)
    }

    @Test func `numbers that are equal but written otherwise are not the same metadata`() throws {
        #expect(try KVMetadata(json: "1.0") != KVMetadata(json: "1"))
        #expect(try KVMetadata(json: "\"\\u0041\"") != KVMetadata(json: "\"A\""))
        #expect(try KVMetadata(json: "[1, 2]") == KVMetadata(json: "[1,2]"))
    }
}
