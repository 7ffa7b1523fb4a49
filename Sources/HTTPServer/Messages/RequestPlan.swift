/// What is to be done with a request, decided from its head alone.
///
/// A body that is not wanted, or announced to be too long, is read and thrown away before the answer; a client that waits
/// to be told to send it gets the answer instead, and the connection is closed.
package struct RequestPlan: Sendable {
    /// How much of an unwanted body is read and thrown away before the answer is sent.
    ///
    /// Many clients look at an answer only after they have sent their request; one that is cut off sees a broken
    /// connection instead of its refusal.
    package static let discardLimit = 256 * 1024 * 1024

    /// How many bytes of the body are kept; `nil` for a refusal, which needs none of it.
    var bodyLimit: Int?
    /// Makes the answer.
    var respond: @Sendable (ReceivedBody) async -> Response

    /// Takes the request and then its body.
    ///
    /// - Parameters:
    ///   - limit: How many bytes of the body are kept.
    ///   - respond: Makes the answer when all of the body has come, or when none of it will be read; one that is too long
    ///     has no bytes and is marked so. A body that breaks off is never answered.
    /// - Returns: The plan.
    package static func take(
        bodyUpTo limit: Int, _ respond: @escaping @Sendable (ReceivedBody) async -> Response
    ) -> RequestPlan {
        RequestPlan(bodyLimit: limit, respond: respond)
    }

    /// Refuses the request, whatever its body is.
    package static func refuse(_ respond: @escaping @Sendable (ReceivedBody) async -> Response) -> RequestPlan {
        RequestPlan(bodyLimit: nil, respond: respond)
    }
}
