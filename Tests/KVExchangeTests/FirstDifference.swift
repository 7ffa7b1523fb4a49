/// Where two lists differ first, for messages that stay short.
func firstDifference<Element: Equatable>(_ one: [Element], _ other: [Element]) -> String? {
    if one.count != other.count { return "\(one.count) and \(other.count) elements" }
    guard let index = zip(one, other).enumerated().first(where: { $1.0 != $1.1 })?.offset else { return nil }
    return "element \(index): \("\(one[index])".prefix(500)) and \("\(other[index])".prefix(500))"
}
