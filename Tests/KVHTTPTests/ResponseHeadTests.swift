import KVHTTP
import Testing

@Suite struct ResponseHeadTests {
    private func head(_ lines: String...) -> ResponseHead {
        var head = ResponseHead()
        for line in lines { _ = add(line, to: &head) }
        return head
    }

    private func add(_ line: String, to head: inout ResponseHead) -> Bool {
        Array((line + "\r\n").utf8).withUnsafeBytes { head.add(line: $0) }
    }

    @Test func `a head is complete with its empty line`() {
        let open = head("HTTP/1.1 404 Not Found", "A: 1")
        #expect(open.status == 404 && !open.isComplete)

        let closed = head("HTTP/1.1 404 Not Found", "A: 1", "")
        #expect(closed.isComplete && closed.headers["a"] == "1")
    }

    @Test func `names are in lower case, and values without blanks around them`() {
        let head = head("HTTP/1.1 200 OK", "CF-Ray:\t r 1 \t", "Empty:", "Blank: \t ", "Colon: a:b", "")

        #expect(head.headers.lines.map(\.name) == ["cf-ray", "empty", "blank", "colon"])
        #expect(head.headers.lines.map(\.value) == ["r 1", "", "", "a:b"])
    }

    @Test func `the last of several headers counts, and a list is all of them`() {
        let head = head("HTTP/1.1 200 OK", "A: 1", "B: 2", "a: 3", "")

        #expect(head.headers["a"] == "3")
        #expect(head.headers.list("a") == "1,3")
    }

    @Test func `an interim head is forgotten, but that the body may be sent is not`() {
        let early = head("HTTP/1.1 103 Early Hints", "A: 1", "")
        #expect(!early.isComplete && early.status == 103)

        let late = head("HTTP/1.1 100 Continue", "", "HTTP/1.1 103 X", "A: 1", "", "HTTP/1.1 200 OK", "B: 2", "")
        #expect(late.isComplete && late.status == 200 && late.followsContinue)
        #expect(late.headers["a"] == nil && late.headers["b"] == "2")
        #expect(!head("HTTP/1.1 200 OK", "").followsContinue)
    }

    @Test func `trailers are of no interest`() {
        let head = head("HTTP/1.1 200 OK", "A: 1", "", "A: 2", "Content-Length: 7", "")

        #expect(head.headers["a"] == "1" && head.announcedLength == nil && !head.hasUnclearLength)
    }

    @Test(arguments: [
        ("HTTP/2 200", true), ("HTTP/3 200", true), ("HTTP/1.1 200 OK", false), ("HTTP/1.0 200 OK", false),
    ])
    func `a version announces its ends or does not`(line: String, announces: Bool) {
        #expect(head(line, "").hasAnnouncedEnd == announces)
    }

    @Test(arguments: [
        ("Content-Length: 0", true), ("Transfer-Encoding: chunked", true), ("Transfer-Encoding: gzip, Chunked", true),
        ("Transfer-Encoding: chunked, gzip", false), ("Transfer-Encoding: x-chunked", false), ("A: chunked", false),
    ])
    func `a header announces the end or does not`(line: String, announces: Bool) {
        #expect(head("HTTP/1.1 200 OK", line, "").hasAnnouncedEnd == announces)
    }

    @Test(arguments: ["", "-1", "+1", "1,1", "1 1", "0x1", "٣", "99999999999999999999"])
    func `a length that is no number is unclear`(value: String) {
        #expect(head("HTTP/1.1 200 OK", "Content-Length: \(value)", "").hasUnclearLength)
    }

    @Test func `two lengths are unclear unless they are one`() {
        #expect(!head("HTTP/1.1 200 OK", "Content-Length: 1", "content-length:1", "").hasUnclearLength)
        #expect(head("HTTP/1.1 200 OK", "Content-Length: 1", "Content-Length: 2", "").hasUnclearLength)
        #expect(head("HTTP/1.1 200 OK", "Content-Length: 2", "Content-Length: 1", "").hasUnclearLength)
    }

    @Test func `lines that are no headers are passed over`() {
        let head = head("HTTP/1.1 200 OK", "A: 1", " folded: 2", "\tfolded: 3", "without a colon", "B: 4", "")

        #expect(head.headers.lines.map(\.name) == ["a", "b"])
    }

    @Test(arguments: ["HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 OK 200", "HTTP/", "HTTP/1.1 99999999999999999999"])
    func `a status that is no number is none`(line: String) {
        let head = head(line, "")

        #expect(head.status == 0 && !head.isComplete)
    }

    @Test func `all lines together have a limit, those of interim heads and trailers included`() {
        for first in ["HTTP/1.1 103 X", "HTTP/1.1 200 OK"] {
            var head = head(first, "")
            let line = String(repeating: "x", count: 998)
            var count = 0
            while add(line, to: &head), count < 1_000 { count += 1 }

            #expect(count == (ResponseHead.limit - first.utf8.count - 4) / 1_000)
        }
    }

    @Test func `bytes that are no text do no harm`() {
        var head = head("HTTP/1.1 200 OK")
        let taken = [0x41, 0x3A, 0xFF, 0xFE, 0x00, 0x0A].withUnsafeBytes { (_: UnsafeRawBufferPointer) in
            [UInt8]([0x41, 0x3A, 0xFF, 0xFE, 0x00, 0x0A]).withUnsafeBytes { head.add(line: $0) }
        }

        #expect(taken && head.headers["a"] == "\u{FFFD}\u{FFFD}\0")
    }
}
