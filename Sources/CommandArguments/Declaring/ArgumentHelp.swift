/// What help says of an option or an argument.
package struct ArgumentHelp: Sendable, ExpressibleByStringInterpolation {
    let abstract: String
    let valueName: String?
    let isHidden: Bool

    /// For what help and completions do not show.
    package static let hidden = ArgumentHelp(abstract: "", valueName: nil, isHidden: true)

    /// A text with another name for the value.
    ///
    /// - Parameters:
    ///   - abstract: What the option is for, in a sentence or two.
    ///   - valueName: What stands for the value, such as `file`; otherwise its choices or the option's own name.
    package init(_ abstract: String, valueName: String? = nil) {
        self.init(abstract: abstract, valueName: valueName, isHidden: false)
    }

    /// A text alone.
    package init(stringLiteral abstract: String) { self.init(abstract) }

    private init(abstract: String, valueName: String?, isHidden: Bool) {
        self.abstract = abstract
        self.valueName = valueName
        self.isHidden = isHidden
    }
}
