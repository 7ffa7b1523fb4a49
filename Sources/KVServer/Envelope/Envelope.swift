import JSONText

/// What `result_info` says about a list.
enum ResultInfo {
    /// A page of a list that has numbered pages.
    case page(page: Int, perPage: Int, count: Int, total: Int)
    /// A page of a list that goes on at a cursor; an empty one ends it.
    case cursor(String, count: Int)
}

/// The frame around every JSON answer, written straight into bytes.
enum Envelope {
    /// `{"success":true,…}` around a result.
    static func success(
        messages: [(code: Int, message: String)] = [], info: ResultInfo? = nil, _ result: (inout [UInt8]) -> Void
    ) -> [UInt8] {
        var out: [UInt8] = []
        out += "{\"success\":true,\"errors\":[],\"messages\":[".utf8
        for (index, item) in messages.enumerated() {
            if index > 0 { out.append(0x2C) }
            out += "{\"code\":\(item.code),\"message\":".utf8
            JSONString.append(item.message, to: &out)
            out.append(0x7D)
        }
        out += "],\"result\":".utf8
        result(&out)
        if let info { append(info, to: &out) }
        out.append(0x7D)
        return out
    }

    /// `{"success":false,…}` with what went wrong.
    static func failure(_ items: [APIFault.Item]) -> [UInt8] {
        var out: [UInt8] = []
        out += "{\"success\":false,\"errors\":".utf8
        append(items, to: &out)
        out += ",\"messages\":[],\"result\":null}".utf8
        return out
    }

    private static func append(_ items: [APIFault.Item], to out: inout [UInt8]) {
        out.append(0x5B)
        for (index, item) in items.enumerated() {
            if index > 0 { out.append(0x2C) }
            out += "{\"code\":\(item.code),\"message\":".utf8
            JSONString.append(item.message, to: &out)
            if !item.chain.isEmpty {
                out += ",\"error_chain\":".utf8
                append(item.chain, to: &out)
            }
            out.append(0x7D)
        }
        out.append(0x5D)
    }

    private static func append(_ info: ResultInfo, to out: inout [UInt8]) {
        out += ",\"result_info\":".utf8
        switch info {
        case .page(let page, let perPage, let count, let total):
            let pages = total == 0 ? 0 : (total - 1) / perPage + 1
            out += "{\"page\":\(page),\"per_page\":\(perPage),\"count\":\(count),\"total_count\":\(total),".utf8
            out += "\"total_pages\":\(pages)}".utf8
        case .cursor(let cursor, let count):
            out += "{\"count\":\(count),\"cursor\":".utf8
            JSONString.append(cursor, to: &out)
            out.append(0x7D)
        }
    }
}
