import JSONText
import WorkersKV

/// Answers of the API: each is read as each kind of answer there is.
struct AnswersTarget: FuzzTarget {
    let name = "answers"
    let tokens = [
        "{\"success\":true", "\"success\":false", ",\"errors\":[{\"code\":10009,\"message\":\"m\"}]",
        ",\"messages\":[", ",\"result\":", ",\"result_info\":{\"cursor\":\"c\",\"count\":1}", "null", "{\"values\":{",
        "\"value\":", "\"metadata\":", "\"expiration\":", "{\"name\":\"a\"}", "\"successful_key_count\":",
        "\"unsuccessful_keys\":[", "{\"id\":\"i\",\"title\":\"t\"}", "\\ud800", "\\u0000", "[", "]", "}", "1.5",
        "1e400", "9223372036854775807",
    ]

    func run(_ input: [UInt8]) async throws -> String {
        let envelope: Envelope
        do throws(JSONError) {
            envelope = try Envelope(parsing: input)
        } catch {
            return Outcome.words(error.message)
        }
        var outcomes = [try outcome { "cursor: \(try envelope.cursor() != nil)" }]
        outcomes.append(try outcome { "report: \(try !BulkReport(envelope.result).unsuccessfulKeys.isEmpty)" })
        guard let result = envelope.result else { return "\(outcomes), no result" }
        outcomes.append(try outcome { try keys(result) })
        outcomes.append(try outcome { try namespace(result) })
        for form in [BulkValueForm.text, .json] {
            for withMetadata in [false, true] {
                outcomes.append(try outcome { try values(result, form, withMetadata) })
            }
        }
        return "\(outcomes)"
    }

    private func outcome(_ read: () throws -> String) throws -> String {
        do {
            return try read()
        } catch let error as JSONError {
            return error.code.rawValue
        }
    }

    private func keys(_ result: JSONReader) throws -> String {
        var reader = result
        var count = 0
        try reader.beginArray()
        while try reader.nextElement() {
            let listed = try ListedKey(&reader)
            count += 1
            try checkDetails(listed.metadata, listed.expiration)
        }
        return "\(min(2, count)) keys"
    }

    private func namespace(_ result: JSONReader) throws -> String {
        var reader = result
        return try Namespace(&reader).supportsURLEncoding == nil ? "a namespace" : "a new namespace"
    }

    private func values(_ result: JSONReader, _ form: BulkValueForm, _ withMetadata: Bool) throws -> String {
        var reader = result
        let answer = try BulkGetResult(&reader, form: form, withMetadata: withMetadata)
        for (key, record) in answer.records {
            try require(record.key == key, "a record stands under another key")
            try checkDetails(record.metadata, record.expiration)
            let isSound: Bool
            switch form {
            case .text: isSound = UTF8Text.isValid(record.value)
            case .json: isSound = (try? CompactJSON.text(of: record.value)) != nil
            }
            try require(isSound, "a value is not what was asked for")
            let isBare = answer.keysWithoutDetails.contains(key)
            try require(!isBare || record.metadata == nil && record.expiration == nil, "details come from nowhere")
        }
        return "\(min(2, answer.records.count)) values"
    }

    private func checkDetails(_ metadata: KVMetadata?, _ expiration: UnixTime?) throws {
        try require(expiration?.seconds ?? 1 > 0, "an expiration is none")
        guard let metadata else { return }
        try require(try KVMetadata(json: metadata.json) == metadata, "metadata is not compact, or null")
    }
}
