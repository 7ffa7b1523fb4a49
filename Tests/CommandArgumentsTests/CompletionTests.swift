import CommandArguments
import Testing

@Suite struct CompletionTests {
    /// What the tool answers for the last of some words: the kind, and the words that are offered.
    private func ask(_ words: String..., shell: String = "fish") throws -> [String] {
        let request = ["---complete", shell, String(words.count), "tool"] + words
        return try TestTool.text(request).split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }
    }

    @Test func `commands are offered, with what they are for`() throws {
        #expect(try ask("") == ["words", "work", "nest", "help"])
        #expect(try ask("nest", "") == ["words", "need", "help"])
        #expect(try ask("help", "nest", "") == ["words", "need", "help"])
        #expect(try ask("help", "nest", "need", "") == ["nothing"])
        #expect(try ask("nonsense", "") == ["nothing"])
        #expect(try TestTool.text(["---complete", "zsh", "1", "tool"]).contains("\nnest\tNests\n"))
    }

    @Test func `options are offered once, and those that can be given again always`() throws {
        let all = try ask("work", "-")
        #expect(all.contains("--quiet") && all.contains("-q") && all.contains("--help") && all.contains("--version"))
        #expect(!all.contains("--secret"))
        let some = try ask("work", "a", "-qv", "--number=1", "--define", "b", "-")
        #expect(!some.contains("--quiet") && !some.contains("-v") && !some.contains("--number"))
        #expect(some.contains("--define") && some.contains("--form"))
        #expect(try ask("-") == ["words", "--version", "-h", "--help"])
        #expect(try ask("nest", "need", "1", "--") == ["words", "--to", "--who", "--version", "-h", "--help"])
    }

    @Test func `values are offered as their declarations say`() throws {
        #expect(try ask("work", "") == ["nothing"])
        #expect(try ask("work", "a", "1", "") == ["files"])
        #expect(try ask("work", "a", "1", "b", "c") == ["files"])
        #expect(try ask("work", "--folder", "") == ["folders"])
        #expect(try ask("work", "--folder=") == ["folders"])
        #expect(try ask("work", "--form", "") == ["words", "plain", "pretty-print"])
        #expect(try ask("work", "--form=pl") == ["words", "plain", "pretty-print"])
        #expect(try ask("work", "--define", "") == ["nothing"])
        #expect(try ask("work", "-qs", "") == ["nothing"])
        #expect(try ask("work", "--nonsense=") == ["nothing"])
        #expect(try ask("work", "--quiet=") == ["nothing"])
    }

    @Test func `after two dashes there are no options`() throws {
        #expect(try ask("work", "a", "1", "--", "-") == ["files"])
        #expect(try ask("nest", "need", "--to", "x", "--", "1", "-") == ["nothing"])
    }

    @Test func `words that bash takes apart are put together again`() throws {
        #expect(try ask("work", "a", "--form", "=", shell: "bash") == ["words", "plain", "pretty-print"])
        #expect(try ask("work", "a", "--form", "=", "p", shell: "bash") == ["words", "plain", "pretty-print"])
        #expect(try ask("work", "kv", "://", "a", "1", "", shell: "bash") == ["files"])
    }

    @Test(arguments: [
        ["---complete"], ["---complete", "fish"], ["---complete", "fish", "1"], ["---complete", "tcsh", "1", "tool"],
        ["---complete", "fish", "x", "tool"], ["---complete", "fish", "-1", "tool"],
        ["---complete", "fish", "0", "tool"],
        ["---complete", "fish", "3", "tool", "work"], ["---complete", "fish", "9223372036854775807", "tool"],
    ])
    func `a question that makes no sense has an empty answer`(words: [String]) throws {
        #expect(try TestTool.text(words) == "")
    }

    @Test func `a word that is not there yet is empty, and words after it do not count`() throws {
        #expect(try TestTool.text(["---complete", "fish", "1", "tool"]).hasPrefix("words\nwork\t"))
        #expect(try TestTool.text(["---complete", "fish", "1", "tool", "", "nest"]).hasPrefix("words\nwork\t"))
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `the script of a shell is short and names the tool`(shell: String) throws {
        let script = try TestTool.text(["--generate-completion-script", shell])

        #expect(script == (try TestTool.text(["--generate-completion-script=\(shell)"])))
        #expect(script.contains("command tool ---complete \(shell)") && !script.contains("TOOL"))
        #expect(script.utf8.count < 1_200 && script.split(separator: "\n").count <= 24)
    }

    @Test func `a shell that is not known is refused`() {
        #expect(
            TestTool.message("--generate-completion-script", "bsh")
                == "--generate-completion-script is followed by bash, zsh or fish; did you mean 'bash'?")
        #expect(TestTool.message("--generate-completion-script").hasSuffix("is followed by bash, zsh or fish"))
    }
}
