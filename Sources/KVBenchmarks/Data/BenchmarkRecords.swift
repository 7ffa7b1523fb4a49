import KVModel

/// Records as namespaces have them, the same for the same seed: 55 % small JSON objects, 25 % sessions that expire, 15 %
/// HTML pages of 1 to 8 KB, 5 % values that are not text.
struct BenchmarkRecords: Sequence, IteratorProtocol {
    /// What the 20 parts of all records are, in the order of their keys.
    private enum Kind: Int {
        case image, json, page, session

        static func of(_ index: Int, _ count: Int) -> Kind {
            switch index * 20 / count {
            case 0: .image
            case 1..<12: .json
            case 12..<15: .page
            default: .session
            }
        }
    }

    private static let words = """
        the of and to in is that for it as was with be by on not he his but at are this have from or had an they which one \
        you were all her she there would their we him been has when who will no more if out so up said what its about \
        than into them can only other time new some could these two may first then do any like my now over such our man \
        me even most made after also did many off before must well back through years much where your way down should
        """.split { $0 == " " || $0 == "\n" }.map(String.init)

    private let count: Int
    private var index = 0
    private var generator: SplitMix64

    /// Records in ascending order of their keys.
    init(count: Int, seed: UInt64 = 1) {
        self.count = count
        generator = SplitMix64(state: seed)
    }

    mutating func next() -> RecordLine? {
        guard index < count else { return nil }
        defer { index += 1 }
        let digits = String(index)
        let number = String(repeating: "0", count: Swift.max(0, 10 - digits.count)) + digits
        switch Kind.of(index, count) {
        case .image:
            let value = (0..<Int.random(in: 200...3_000, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            return RecordLine(KVRecord(key: KVKey("image:\(number)"), value: [0xFF] + value))
        case .json: return RecordLine(KVRecord(key: KVKey("json:\(number)"), text: json()))
        case .page: return RecordLine(KVRecord(key: KVKey("page:/articles/\(number)"), text: page()))
        case .session:
            let expiration = UnixTime(seconds: 4_000_000_000 + Int64.random(in: 0...86_400, using: &generator))
            return RecordLine(
                KVRecord(
                    key: KVKey("session:\(number)"), text: session(), metadata: Self.version, expiration: expiration))
        }
    }

    private static let version = try? KVMetadata(json: "{\"v\":1}")

    private mutating func word() -> String { Self.words[Int.random(in: 0..<Self.words.count, using: &generator)] }

    private mutating func text(_ words: Int) -> String { (0..<words).map { _ in word() }.joined(separator: " ") }

    private mutating func json() -> String {
        let id = generator.next()
        let name = "\(word()) \(word())"
        return """
            {"id":"\(id)","name":"\(name)","email":"\(word()).\(word())@example.com","active":\(id % 3 == 0),\
            "score":\(Double(id % 100_000) / 100),"tags":["\(word())","\(word())"],"note":"\(text(16))"}
            """
    }

    private mutating func session() -> String {
        let token = String(generator.next(), radix: 16) + String(generator.next(), radix: 16)
        return "{\"token\":\"\(token)\",\"user\":\(generator.next() % 1_000_000),\"csrf\":\"\(generator.next())\"}"
    }

    private mutating func page() -> String {
        var page = "<!doctype html>\n<html><head><title>\(text(5))</title></head>\n<body>\n"
        let length = Int.random(in: 1_000...8_000, using: &generator)
        while page.utf8.count < length { page += "<p class=\"text\">\(text(40))</p>\n" }
        return page + "</body></html>\n"
    }
}

/// A small generator of random numbers that gives the same ones everywhere.
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
