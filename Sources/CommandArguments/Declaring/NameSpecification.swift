/// How an option is written.
package struct NameSpecification: Sendable {
    private enum Name: Sendable {
        case long(String?)
        case short
    }

    private let parts: [Name]

    /// `--dry-run` for the property `dryRun`.
    package static let long = Self(parts: [.long(nil)])
    /// `-q` and `--quiet` for the property `quiet`.
    package static let shortAndLong = Self(parts: [.short, .long(nil)])
    /// A long name that is not the property's.
    package static func customLong(_ name: String) -> Self { Self(parts: [.long(name)]) }

    private init(parts: [Name]) { self.parts = parts }

    /// The names for a property, such as `-q` and `--quiet`.
    func names(for property: String) -> [String] {
        let long = Self.kebabCase(property)
        return parts.map { part in
            switch part {
            case .long(let name): "--\(name ?? long)"
            case .short: "-\(long.prefix(1))"
            }
        }
    }

    /// `accountID` as `account-id`, `apiBaseUrl` as `api-base-url`, `URLPath` as `url-path`.
    package static func kebabCase(_ name: String) -> String {
        let letters = Array(name)
        var result = ""
        for (index, letter) in letters.enumerated() {
            if letter.isUppercase, index > 0 {
                let startsWord = !letters[index - 1].isUppercase
                let endsAbbreviation = index + 1 < letters.count && letters[index + 1].isLowercase
                if startsWord || endsAbbreviation { result += "-" }
            }
            result += letter.lowercased()
        }
        return result
    }
}
