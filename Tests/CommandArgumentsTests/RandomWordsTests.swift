import CommandArguments
import Foundation
import Testing

@Suite struct RandomWordsTests {
    /// Numbers that are the same for the same seed (SplitMix64).
    private struct Chance: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    private static let pieces = [
        "work", "nest", "need", "help", "--help", "-h", "--version", "--", "-", "---", "", " ", "=", "-=", "--=", "-1",
        "1", "-q", "-qv", "-s", "-s5%", "--share", "--share=5%", "--number", "--number=", "--number=7", "--define",
        "--form", "--form=plain", "plain", "--to", "--who=a", "--secret", "--letters", "ab", "--nonsense", "kv://a/b",
        "\u{301}", "-\u{301}", "--\u{301}=\u{301}", "é", "👩‍👩‍👧‍👦", "\u{0}", "\n", "\u{202E}", "---complete", "fish", "bash",
        "zsh", "tool", "0", "3", "99999999999999999999", "--generate-completion-script", "--generate-manual",
        "--generate-reference", "-9223372036854775808", "∞", ".", "-.", "-½", "%",
    ]

    /// A word from the list, or some with letters changed.
    private static func word(using chance: inout Chance) -> String {
        var word = pieces.randomElement(using: &chance) ?? ""
        if Int.random(in: 0..<6, using: &chance) == 0 { word += pieces.randomElement(using: &chance) ?? "" }
        if Int.random(in: 0..<6, using: &chance) == 0 {
            var scalars = Array(word.unicodeScalars)
            scalars.shuffle(using: &chance)
            word = String(String.UnicodeScalarView(scalars))
        }
        return word
    }

    /// A command line; half of them begin as right ones do.
    private static func line(using chance: inout Chance) -> [String] {
        let beginnings = [[], [], ["work", "a"], ["nest", "need", "1", "--to", "x", "--who=y"]]
        let words = (0..<Int.random(in: 0..<5, using: &chance)).map { _ in word(using: &chance) }
        return (beginnings.randomElement(using: &chance) ?? []) + words
    }

    @Test func `no command line makes the tool trap`() {
        // KVARK_TEST_SEED repeats a run that failed.
        let named = ProcessInfo.processInfo.environment["KVARK_TEST_SEED"].flatMap { UInt64($0) }
        let seed = named ?? UInt64.random(in: 0...UInt64.max)
        print("random command lines: seed \(seed)")
        var chance = Chance(state: seed)
        var endings = ["command": 0, "text": 0, "error": 0]
        for _ in 0..<10_000 {
            let words = Self.line(using: &chance)
            let width = Int.random(in: 40...120, using: &chance)
            do throws(UsageError) {
                switch try TestTool.Tool.parse(words, width: width) {
                case .command: endings["command", default: 0] += 1
                case .text: endings["text", default: 0] += 1
                }
            } catch {
                endings["error", default: 0] += 1
                #expect(error.text(width: width).hasPrefix("tool: "), "seed \(seed): \(words)")
            }
        }
        #expect(endings.values.allSatisfy { $0 > 100 }, "seed \(seed): \(endings)")
    }
}
