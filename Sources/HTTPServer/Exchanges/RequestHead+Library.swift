import CMicrohttpd

extension RequestHead {
    /// Collects what the library knows of a request.
    init(
        _ connection: ConnectionHandle, target: String, method: UnsafePointer<CChar>, version: UnsafePointer<CChar>
    ) {
        self.init(
            method: String(cString: method), target: target, isHTTP10: String(cString: version) == "HTTP/1.0",
            fields: Self.fields(of: connection))
    }

    private final class Collector {
        var fields: [(name: String, value: String)] = []
    }

    private static func fields(of connection: ConnectionHandle) -> [(name: String, value: String)] {
        let collector = Collector()
        withExtendedLifetime(collector) {
            _ = MHD_get_connection_values_n(
                connection.raw, .HEADER_KIND,
                { context, _, name, nameCount, value, valueCount in
                    guard let context else { return .NO }
                    let name = UnsafeRawBufferPointer(start: name, count: nameCount)
                    let value = UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : valueCount)
                    let lowered = name.lazy.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
                    Unmanaged<Collector>.fromOpaque(context).takeUnretainedValue().fields.append(
                        (String(decoding: lowered, as: UTF8.self), String(decoding: value, as: UTF8.self)))
                    return .YES
                }, Unmanaged.passUnretained(collector).toOpaque())
        }
        return collector.fields
    }
}
