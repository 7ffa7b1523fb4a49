import CommandArguments
import Testing

@Suite struct ReadingTests {
    @Test func `what is not given has its default`() throws {
        let work = try TestTool.work("a")

        #expect(work.first == "a" && work.second == nil && work.others == [])
        #expect(work.shared.number == nil && !work.shared.quiet && work.shared.group.inner == nil)
        #expect(work.defines == ["x"] && work.level == 6 && work.form == .plain && work.colour == nil)
        #expect(work.letters == nil && work.loud == [] && work.share == nil && work.secret == nil)
    }

    @Test(arguments: [["--number", "5"], ["--number=5"]])
    func `a value follows or is attached`(words: [String]) throws {
        let work: TestTool.Work = try TestTool.command(["work", "a"] + words)

        #expect(work.shared.number == 5)
    }

    @Test(arguments: [["-s5%"], ["-s=5%"], ["-s", "5%"], ["-qs5%"], ["-vqs", "5%"], ["--share=5%"]])
    func `an option of one letter takes the rest of its word or the next`(words: [String]) throws {
        let work: TestTool.Work = try TestTool.command(["work"] + words + ["a"])

        #expect(work.share?.percent == 5 && work.first == "a")
        #expect(work.shared.quiet == words[0].contains("q") && work.shared.verbose == words[0].contains("v"))
    }

    @Test func `every type of declaration reads its words`() throws {
        let work = try TestTool.work(
            "--inner", "-9000000000", "a", "--letters", "ab", "--form", "pretty-print", "2", "--secret", "3", "--loud",
            "x", "--colour=blue", "--level", "4", "c", "--loud=y", "--share", "2.5%", "--verbose", "d")

        #expect(work.first == "a" && work.second == 2 && work.others == ["c", "d"])
        #expect(work.letters == ["a", "b"] && work.form == .pretty && work.secret == 3 && work.loud == ["X", "Y"])
        #expect(work.colour == .blue && work.level == 8 && work.share?.percent == 2.5)
        #expect(work.shared.group.inner == -9_000_000_000 && work.shared.verbose && !work.shared.quiet)
    }

    @Test func `what is required is read`() throws {
        let need: TestTool.Need = try TestTool.command(["nest", "need", "1", "--to", "x", "-2", "--who", "y"])

        #expect(need.what == [1, -2] && need.to == "x" && need.who == ["y"])
    }

    @Test func `of a value given twice the last one counts, and an array keeps all`() throws {
        let work = try TestTool.work(
            "a", "--define", "1", "--number=1", "--define=2", "--level", "1", "--number", "2", "--level=4", "-q", "-q")

        #expect(work.defines == ["1", "2"] && work.shared.number == 2 && work.level == 8 && work.shared.quiet)
    }

    @Test func `a dash alone, numbers below zero and what follows two dashes are values`() throws {
        let work = try TestTool.work("-", "-3", "--number", "-4", "--", "--quiet", "-n", "--")

        #expect(work.first == "-" && work.second == -3 && work.shared.number == -4)
        #expect(work.others == ["--quiet", "-n", "--"] && !work.shared.quiet)
    }

    @Test func `an attached value may be empty, begin with a dash or hold an equals sign`() throws {
        let work = try TestTool.work("a", "--define=", "--define", "-", "--define=--x=y", "--folder=", "--define", "")

        #expect(work.defines == ["", "-", "--x=y", ""] && work.folder == "")
    }

    @Test func `an accent after the equals sign or the dash belongs to the value`() throws {
        let work = try TestTool.work("a", "--define=\u{301}x", "--define", "\u{301}")

        #expect(work.defines.map { Array($0.unicodeScalars) } == [["\u{301}", "x"], ["\u{301}"]])
        #expect(TestTool.message("work", "a", "-\u{301}").hasPrefix("unknown option"))
    }

    @Test func `names are made of properties`() {
        for (property, name) in [
            ("accountId", "account-id"), ("accountID", "account-id"), ("apiBaseUrl", "api-base-url"), ("to", "to"),
            ("URLPath", "url-path"), ("inMemory", "in-memory"), ("sha256", "sha256"), ("", ""),
        ] { #expect(NameSpecification.kebabCase(property) == name) }
    }
}
