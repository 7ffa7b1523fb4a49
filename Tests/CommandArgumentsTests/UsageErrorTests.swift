import CommandArguments
import Testing

@Suite struct UsageErrorTests {
    @Test func `an unknown command is named, with what may have been meant`() {
        #expect(TestTool.message("wrk") == "'tool' has no command 'wrk'; did you mean 'work'?")
        #expect(TestTool.message("need") == "'tool' has no command 'need'; did you mean 'tool nest need'?")
        #expect(TestTool.message("nest", "ned") == "'tool nest' has no command 'ned'; did you mean 'need'?")
        #expect(TestTool.message("help", "wrok") == "'tool' has no command 'wrok'; did you mean 'work'?")
        #expect(TestTool.message("help", "work", "x") == "'tool work' has no commands of its own")
        #expect(TestTool.message("q") == "'tool' has no command 'q'")
        #expect(TestTool.message("") == "'tool' has no command ''")
    }

    @Test(arguments: [
        ("--qiuet", "; did you mean '--quiet'?"), ("--Quiet", "; did you mean '--quiet'?"),
        ("--verb", "; did you mean '--verbose'?"), ("--colours", "; did you mean '--colour'?"),
        ("--hlep", "; did you mean '--help'?"), ("--lder", "; did you mean '--folder'?"),
        ("--secrt", "; an argument that begins with - comes after --"),
        ("--xyz", "; an argument that begins with - comes after --"),
    ])
    func `an unknown option is named, with what may have been meant`(option: String, hint: String) {
        #expect(TestTool.message("work", "a", option) == "unknown option '\(option)'\(hint)")
        #expect(TestTool.message("work", "a", "\(option)=1") == "unknown option '\(option)'\(hint)")
    }

    @Test func `an unknown letter is named with its word`() {
        let hint = "; an argument that begins with - comes after --"
        #expect(TestTool.message("work", "a", "-x") == "unknown option '-x'\(hint)")
        #expect(TestTool.message("work", "a", "-qx") == "unknown option '-x' in '-qx'\(hint)")
        #expect(
            TestTool.message("work", "a", "-define=1")
                == "unknown option '-d' in '-define=1'; did you mean '--define'?")
        #expect(TestTool.message("work", "a", "-=") == "unknown option '-='\(hint)")
    }

    @Test func `an option before the name of its command is told where it belongs`() {
        #expect(
            TestTool.message("--quiet", "work")
                == "--quiet is an option of commands and comes after their name, as in 'tool work … --quiet'")
        #expect(TestTool.message("nest", "--to=x", "need").hasPrefix("--to is an option of commands"))
        #expect(TestTool.message("--vresion") == "unknown option '--vresion'; did you mean '--version'?")
        #expect(TestTool.message("--") == "unknown option '--'")
    }

    @Test func `a wrong value is named, with what would be right`() {
        #expect(TestTool.message("work", "a", "b") == "<second> cannot be 'b': it must be a whole number")
        #expect(
            TestTool.message("work", "a", "--number=") == "--number <number> cannot be '': it must be a whole number")
        #expect(TestTool.message("work", "a", "--secret=-1").hasSuffix("must be a whole number that is not negative"))
        #expect(
            TestTool.message("work", "a", "--form", "plian")
                == "--form <plain|pretty-print> cannot be 'plian': it must be plain or pretty-print; did you mean 'plain'?"
        )
        #expect(
            TestTool.message("work", "a", "--colour", "pink")
                == "--colour <colour> cannot be 'pink': it must be red, orange, yellow, green, blue or violet")
        #expect(TestTool.message("work", "a", "--level", "x") == "--level <level> cannot be 'x': levels are numbers")
        #expect(TestTool.message("work", "a", "--share", "5") == "--share <share> cannot be '5'")
        #expect(TestTool.message("work", "a", "--number", "9223372036854775808").contains("it must be a whole number"))
    }

    @Test func `a missing value is not taken from the next option`() {
        #expect(TestTool.message("work", "a", "--number") == "--number <number> has no value")
        #expect(TestTool.message("work", "a", "--number", "-q") == "--number <number> has no value before '-q'")
        #expect(TestTool.message("work", "a", "--number", "--") == "--number <number> has no value before '--'")
        #expect(
            TestTool.message("work", "a", "--define", "-z")
                == "--define <defines> has no value before '-z'; if that is the value, write --define=-z")
        #expect(TestTool.message("work", "a", "--quiet=no") == "--quiet takes no value, but has 'no'")
        #expect(TestTool.message("work", "a", "-q=") == "-q takes no value, but has ''")
        #expect(TestTool.message("work", "a", "--help=x") == "--help takes no value, but has 'x'")
        #expect(TestTool.message("--version=x") == "--version takes no value")
    }

    @Test func `what is missing or too much is named`() {
        #expect(TestTool.message("work") == "missing '<first>'")
        #expect(TestTool.message("nest", "need") == "missing '--to <to>' and '--who <who>' and '<what>'")
    }

    @Test func `groups and commands check what they were given`() {
        #expect(TestTool.message("work", "a", "--number", "13") == "13 is no number for us")
        #expect(TestTool.message("work", "a", "--share", "0%") == "--share of nothing")
        #expect(TestTool.message("work", "a", "--share", "0%", "--number", "13") == "13 is no number for us")
    }

    @Test func `an error that only the work finds names the command, too`() async throws {
        guard case .command(let invocation) = try TestTool.Tool.parse(["nest", "need", "1", "--to", "x", "--who", "y"])
        else { return #expect(Bool(false), "no command") }

        await #expect {
            try await invocation.run()
        } throws: { error in
            let text = (error as? UsageError)?.text(width: 80)
            return text == "tool: too late\nUsage: tool nest need --to <to> --who <who> ... <what> ...\n"
                + "See 'tool nest need --help' for more.\n"
        }
    }

    @Test func `an error says what is wrong, what is right and where to read more`() {
        #expect(
            TestTool.error(["work", "a", "--form", "x"])?.text(width: 80) == """
                tool: --form <plain|pretty-print> cannot be 'x': it must be plain or pretty-print
                  --form <plain|pretty-print>
                                          The form. (default: plain)
                Usage: tool work [<options>] <first> [<second>] [<others> ...]
                See 'tool work --help' for more.

                """)
        let unknown = TestTool.error(["x"])?.text(width: 80)
        #expect(unknown == "tool: 'tool' has no command 'x'\nUsage: tool <subcommand>\nSee 'tool --help' for more.\n")
        #expect(UsageError.exitStatus == 64)
    }

    @Test func `a message shows no word that a terminal would obey, and no endless one`() {
        #expect(TestTool.message("\u{1B}[31m\n\u{202E}\u{7F}").contains("'\\u{1b}[31m\\u{a}\\u{202e}\\u{7f}'"))
        let long = TestTool.message("work", "a", String(repeating: "y", count: 100_000))
        #expect(long.hasSuffix("y…': it must be a whole number") && long.count < 200)
    }
}
