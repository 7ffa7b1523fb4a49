import KVModel
import Testing

@Suite struct UnixTimeTests {
    @Test func `a sum stays in the range`() {
        #expect(UnixTime(seconds: 10) + 50 == UnixTime(seconds: 60))
        #expect(UnixTime(seconds: 10) + -50 == UnixTime(seconds: -40))
        #expect(UnixTime(seconds: .max) + 1 == UnixTime(seconds: .max))
        #expect(UnixTime(seconds: .max) + .max == UnixTime(seconds: .max))
        #expect(UnixTime(seconds: .min) + -1 == UnixTime(seconds: .min))
        #expect(UnixTime(seconds: .min) + .min == UnixTime(seconds: .min))
        #expect(UnixTime(seconds: .max) + .min == UnixTime(seconds: -1))
    }

    @Test func `earlier comes first`() {
        #expect(UnixTime(seconds: -1) < UnixTime(seconds: 0))
        #expect(!(UnixTime(seconds: 5) < UnixTime(seconds: 5)))
        #expect(UnixTime(seconds: 1_893_456_000).description == "1893456000")
    }

    @Test(arguments: ["0123456789abcdef0123456789abcdef": true, "0123456789ABCDEF0123456789abcdef": false, "": false])
    func `an id has 32 lower-case hexadecimal digits`(text: String, isWellFormed: Bool) {
        #expect(NamespaceID.isWellFormed(text) == isWellFormed)
        #expect(!NamespaceID.isWellFormed(text + "0"))
    }
}
