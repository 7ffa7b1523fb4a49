/// What can go wrong between a client and the Workers KV REST API.
///
/// A fault that does not fit a request is not injected: the request passes as if nothing had been planned.
package enum Fault: String, CaseIterable, Hashable, Sendable {
    // MARK: The connection

    /// The connection is reset; the server never sees the request.
    case resetBefore
    /// The server handles the request, then the connection is reset without an answer.
    case resetAfter
    /// The connection ends in the middle of a request body of more than 64 KiB.
    case lostConnectionWhileSending
    /// The answer ends in the middle, with an orderly close.
    case cutBody
    /// The answer ends in the middle, with a reset.
    case cutBodyWithReset

    // MARK: Time

    /// The server never sees the request, and the client never gets an answer.
    case stallBefore
    /// The server handles the request, but the client never gets an answer.
    case stallAfter
    /// The client gets the first half of the answer and then nothing more.
    case stallBody
    /// The answer comes 20 to 60 milliseconds late.
    case delay

    // MARK: Statuses

    /// Too many requests, with leave to try again at once; the server never sees the request.
    case status429
    /// An internal error in an envelope; the server never sees the request.
    case status500
    /// The server handles the request, but the client is told of an internal error.
    case status500After
    /// A gateway's error page; the server never sees the request.
    case status502HTML
    /// The server handles the request, but the client gets a gateway's error page.
    case status502HTMLAfter
    /// Cloudflare's “unknown error” with no body at all; the server never sees the request.
    case status520
    /// The server handles the request, but the edge gave up waiting for it.
    case status524After

    // MARK: Answers that contradict themselves

    /// Status 200 with a page for people; the server never sees the request.
    ///
    /// Fits no read of a value, whose bytes may legally be such a page.
    case htmlInsteadOfJSON
    /// The server handles the request, but the client gets status 200 with an envelope that reports a failure.
    ///
    /// Fits no read of a value, whose bytes may legally be such an envelope.
    case successFalse

    // MARK: What only this API does

    /// A gateway does its work twice.
    ///
    /// The server gets a write twice, and the client the second answer. A client that asks for a further page of keys
    /// gets the page before once more, without the server's knowledge.
    case repeated
    /// A bulk write leaves out one to three of its keys and says so.
    case unsuccessfulKeys
    /// A page of keys has none, but has a cursor that leads to the page that was asked for.
    case emptyPage
    /// The cursor of a list of keys is refused; each cursor at most once.
    ///
    /// A server may give the same cursor again when the list starts over, and a cursor that stayed dead would keep the
    /// list from ever ending.
    case deadCursor
}
