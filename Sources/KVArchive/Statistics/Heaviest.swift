/// The heaviest of many elements, the heaviest first; of equals, those that came first.
///
/// Memory is that of the elements kept, however many are offered.
struct Heaviest<Element: Sendable>: Sendable {
    /// The elements kept.
    private(set) var elements: [Element] = []
    private var weights: [Int] = []
    private let limit: Int

    /// Keeps so many elements.
    init(limit: Int) { self.limit = limit }

    /// Keeps an element if it is among the heaviest.
    ///
    /// - Returns: The element that is not kept for it, which may be the one offered.
    @discardableResult mutating func offer(_ element: Element, weight: Int) -> Element? {
        if weights.count == limit, weight <= weights.last ?? .max { return element }
        var index = weights.count
        while index > 0, weights[index - 1] < weight { index -= 1 }
        weights.insert(weight, at: index)
        elements.insert(element, at: index)
        guard weights.count > limit else { return nil }
        weights.removeLast()
        return elements.removeLast()
    }
}
