import CommandArguments
import KVTestSupport
import Testing
import kvark

@Suite struct RandomCommandLineTests {
    private static let values = [
        "", "-", "--", "-1", "0", "1", "3", "99", "n", "a b", "./v", "v/n/latest", "kv://", "kv:///", "kv://p/",
        "kv://p/n",
        "=", "a=b", "\\=", "5%", "200%", "*", "[", "[!", "{}", "null", "{", "csv", "strip", "fail", "1200/300", "é",
        "-\u{301}", "\u{301}", "\u{0}", "\n", "\u{202E}", "👩‍👩‍👧‍👦", "99999999999999999999", "-9223372036854775808", "1e9",
        "-h", "--help", "--version", "-x", "-qv", "---complete", "--nonsense", "help",
    ]

    /// A command with some of its options and some values, right or wrong.
    private static func line(_ generator: inout SeededGenerator, _ commands: [CommandNode]) -> [String] {
        let command = generator.pick(commands)
        let names = command.declarations.flatMap(\.names)
        var line = Array(command.path.dropFirst())
        for _ in 0..<Int.random(in: 0..<8, using: &generator) {
            let value = generator.pick(values)
            switch names.isEmpty ? 3 : Int.random(in: 0..<4, using: &generator) {
            case 0: line.append(generator.pick(names))
            case 1: line += [generator.pick(names), value]
            case 2: line.append("\(generator.pick(names))=\(value)")
            default: line.append(value)
            }
        }
        if generator.chance(0.05) { line.insert(generator.pick(values), at: 0) }
        return line
    }

    @Test(arguments: Seed.several(1)) func `no command line makes kvark trap`(seed: Seed) {
        var generator = seed.generator
        let commands = CommandNode(root: Kvark.self).all
        var (runs, texts, errors) = (0, 0, 0)
        for _ in 0..<10_000 {
            let words = Self.line(&generator, commands)
            do throws(UsageError) {
                switch try Kvark.parse(words, width: 80) {
                case .command: runs += 1
                case .text: texts += 1
                }
            } catch {
                errors += 1
                #expect(error.text(width: 80).hasPrefix("kvark: "), "\(words)")
            }
        }
        #expect(runs > 50 && texts > 50 && errors > 50, "\(runs) runs, \(texts) texts, \(errors) errors")
    }
}
