import CCurl

/// The options of one transfer, set with their results checked: a protection that could not be switched on is an error.
struct CurlHandle {
    let easy: UnsafeMutableRawPointer

    func set(_ option: CURLoption, _ value: Int) throws(HTTPFailure) {
        try check(kvark_set_long(easy, option, value), option)
    }

    /// Sets how long the body is; before the body.
    func setLength(_ count: Int) throws(HTTPFailure) {
        try check(
            kvark_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(count)), CURLOPT_POSTFIELDSIZE_LARGE)
    }

    /// Sets a body of which the library keeps a copy.
    func setBody(_ bytes: [UInt8]) throws(HTTPFailure) {
        // Never empty, because nothing may have no address, and that would mean "ask the callback".
        let code = (bytes + [0]).withUnsafeBytes { kvark_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, $0.baseAddress) }
        try check(code, CURLOPT_COPYPOSTFIELDS)
    }

    /// Sets how much is received at once.
    func setBufferSize(_ value: Int) throws(HTTPFailure) {
        let code = kvark_set_long(easy, CURLOPT_BUFFERSIZE, value)
        // A handle may keep its buffer from the transfer before (one that shared its connection, or never had one), and
        // takes no other size then.
        if code == CURLE_BAD_FUNCTION_ARGUMENT { return }
        try check(code, CURLOPT_BUFFERSIZE)
    }

    /// Sets a text, of which the library keeps a copy; `nil` removes it.
    func set(_ option: CURLoption, _ value: String?) throws(HTTPFailure) {
        // The library would see a text that ends there.
        guard value?.utf8.contains(0) != true else {
            throw HTTPFailure(.invalidRequest, "an option of the connection holds a NUL character")
        }
        try check(kvark_set_text(easy, option, value), option)
    }

    /// Sets an address that must stay as long as the transfer.
    func set(_ option: CURLoption, _ value: UnsafeRawPointer?) throws(HTTPFailure) {
        try check(kvark_set_pointer(easy, option, value), option)
    }

    func set(_ option: CURLoption, _ value: HeaderLines) throws(HTTPFailure) {
        try check(kvark_set_list(easy, option, value.first), option)
    }

    func set(_ option: CURLoption, _ value: kvark_data_callback) throws(HTTPFailure) {
        try check(kvark_set_data_callback(easy, option, value), option)
    }

    func setSeek(_ value: kvark_seek_callback) throws(HTTPFailure) {
        try check(kvark_set_seek_callback(easy, value), CURLOPT_SEEKFUNCTION)
    }

    func setPrerequest(_ value: kvark_prereq_callback) throws(HTTPFailure) {
        try check(kvark_set_prereq_callback(easy, value), CURLOPT_PREREQFUNCTION)
    }

    func setSocket(_ value: kvark_socket_callback) throws(HTTPFailure) {
        try check(kvark_set_socket_callback(easy, value), CURLOPT_SOCKOPTFUNCTION)
    }

    /// A number that the library knows of the transfer, 0 if it does not.
    func number(_ info: CURLINFO) -> Int {
        var value = 0
        return kvark_get_long(easy, info, &value) == CURLE_OK ? value : 0
    }

    private func check(_ code: CURLcode, _ option: CURLoption) throws(HTTPFailure) {
        switch code {
        case CURLE_OK: return
        case CURLE_OUT_OF_MEMORY: throw HTTPFailure(.connectionFailed, "there is no memory for a request")
        default:
            throw HTTPFailure(
                .invalidRequest, "the HTTP library does not take its option \(option.rawValue)",
                detail: CurlLibrary.describe(code))
        }
    }
}

/// The lines of a request's head, as the library wants them; they must stay as long as the transfer.
final class HeaderLines {
    private(set) var first: UnsafeMutablePointer<curl_slist>?

    /// Adds a line, of which the library keeps a copy.
    func append(_ line: String) throws(HTTPFailure) {
        // No list comes back when one line finds no memory: the request would go out without its credentials.
        guard let longer = curl_slist_append(first, line) else {
            throw HTTPFailure(.connectionFailed, "there is no memory for a request")
        }
        first = longer
    }

    deinit { curl_slist_free_all(first) }
}
