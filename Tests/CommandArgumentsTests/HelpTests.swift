import CommandArguments
import Testing

@Suite struct HelpTests {
    @Test func `help has sections in the order of the declarations`() throws {
        #expect(
            try TestTool.text(["nest", "need", "--help"]) == """
                Needs.

                USAGE: tool nest need --to <to> --who <who> ... <what> ...

                ARGUMENTS:
                  <what>                  What.

                OPTIONS:
                  --to <to>               Where.
                  --who <who>             Who.
                  --version               Show the version.
                  -h, --help              Show this help.

                """)
        let help = try TestTool.text(["work", "--help"])
        #expect(help.contains("\nWHAT IS SHARED:\n  --number <number>       A number.\n"))
        #expect(help.contains("  -q, --quiet             Say less.\n"))
        #expect(help.contains("  --inner <inner>         Inside two groups.\n"))
        #expect(help.contains("  --loud <word>           Given again, all count.\n"))
        #expect(help.contains("A level.\n") && help.contains("Definitions. (default: x)"))
        #expect(help.contains("The form. (default: plain)"))
        #expect(help.contains("The colour. (one of red, orange, yellow, green, blue,\n"))
        #expect(help.contains("USAGE: tool work [<options>] <first> [<second>] [<others> ...]\n"))
        #expect(!help.contains("secret"))
    }

    @Test func `the help of a group shows its commands under their headings`() throws {
        #expect(
            try TestTool.text([]) == """
                Tools.

                USAGE: tool <subcommand>

                OPTIONS:
                  --version               Show the version.
                  -h, --help              Show this help.

                DOING:
                  work                    Works.

                NESTING:
                  nest                    Nests; with more to say.

                See 'tool help <subcommand>' for what each of them does.

                """)
        #expect(try TestTool.text(["nest"]).contains("SUBCOMMANDS:\n  need                    Needs.\n"))
        #expect(try TestTool.text(["nest"]).contains("See 'tool help nest <subcommand>' for"))
    }

    @Test(arguments: [40, 80, 120]) func `help keeps to the width, but for examples`(width: Int) throws {
        for command in [[], ["work"], ["nest"], ["nest", "need"]] {
            let help = try TestTool.text(command + ["-h"], width: width)
            let tooLong = help.split(separator: "\n").filter { $0.count > width && !$0.hasPrefix("  tool ") }
            #expect(tooLong.isEmpty, "\(command)")
        }
        let help = try TestTool.text(["work", "--help"], width: width)
        #expect(help.contains("\n  tool work 'b' -- -c    # an example that is longer than forty columns\n"))
        #expect(help.split(separator: "\n").contains { $0.count > width - 20 })
    }

    @Test func `a narrow terminal has the second column below the first`() throws {
        let help = try TestTool.text(["work", "-h"], width: 40)

        #expect(help.contains("\n  -q, --quiet\n      Say less.\n"))
        #expect(help.contains("USAGE: tool work [<options>] <first>\n    [<second>] [<others> ...]\n"))
    }

    @Test(arguments: [
        ["help", "nest", "need"], ["nest", "help", "need"], ["nest", "need", "-h"], ["nest", "need", "--help"],
        ["nest", "need", "x", "--nonsense", "--to", "--help"], ["nest", "need", "-qh"],
        ["nest", "need", "--version", "-h"],
        ["help", "nest", "-x", "need"],
    ])
    func `somebody who asks for help gets it, whatever else is wrong`(words: [String]) throws {
        #expect(try TestTool.text(words) == TestTool.text(["help", "nest", "need"]))
    }

    @Test(arguments: [
        [], ["--help"], ["-h"], ["help"], ["--help", "nest"], ["-x", "--help"], ["--quiet", "-h"], ["x", "-h"],
    ])
    func `the tool itself has help`(words: [String]) throws {
        #expect(try TestTool.text(words) == TestTool.text([]))
    }

    @Test(arguments: [
        ["--version"], ["nest", "--version"], ["work", "--version"], ["work", "a", "x", "--version"],
        ["x", "--version"],
    ])
    func `the version is shown everywhere`(words: [String]) throws {
        #expect(try TestTool.text(words) == "1.2\n")
    }

    @Test func `help is not asked for by what follows two dashes, or by a value`() throws {
        #expect(try TestTool.work("a", "1", "--", "--help").others == ["--help"])
        #expect(TestTool.message("work", "a", "-shy") == "--share <share> cannot be 'hy'")
    }
}
