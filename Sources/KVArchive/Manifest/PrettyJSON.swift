import JSONText

/// A small JSON document that is printed with its members in the order given, so that equal documents are equal bytes.
package indirect enum PrettyJSON {
    case object([(name: String, value: PrettyJSON?)])
    case array([PrettyJSON])
    case string(String)
    case integer(Int)
    /// A number rounded to two decimals.
    case decimal(Double)

    /// The document with two spaces a level and a line feed at the end; members without a value are left out.
    package var bytes: [UInt8] {
        var out: [UInt8] = []
        append(to: &out, indentation: 0)
        out.append(0x0A)
        return out
    }

    private func append(to out: inout [UInt8], indentation: Int) {
        switch self {
        case .integer(let number): out += Array(String(number).utf8)
        case .decimal(let number): out += Array(String((number * 100).rounded() / 100).utf8)
        case .string(let text): JSONString.append(text, to: &out)
        case .array(let elements):
            Self.appendList(elements, "[", "]", to: &out, indentation) { element, out in
                element.append(to: &out, indentation: indentation + 1)
            }
        case .object(let members):
            let present = members.compactMap { member in member.value.map { (member.name, $0) } }
            Self.appendList(present, "{", "}", to: &out, indentation) { member, out in
                JSONString.append(member.0, to: &out)
                out += Array(": ".utf8)
                member.1.append(to: &out, indentation: indentation + 1)
            }
        }
    }

    private static func appendList<Element>(
        _ elements: [Element], _ opening: String, _ closing: String, to out: inout [UInt8], _ indentation: Int,
        _ appendElement: (Element, inout [UInt8]) -> Void
    ) {
        out += Array(opening.utf8)
        for (index, element) in elements.enumerated() {
            out += Array((index == 0 ? "\n" : ",\n").utf8)
            out += Array(repeating: 0x20, count: 2 * (indentation + 1))
            appendElement(element, &out)
        }
        if !elements.isEmpty {
            out.append(0x0A)
            out += Array(repeating: 0x20, count: 2 * indentation)
        }
        out += Array(closing.utf8)
    }
}
