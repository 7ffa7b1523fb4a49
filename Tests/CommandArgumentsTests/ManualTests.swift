import CommandArguments
import Testing

@Suite struct ManualTests {
    @Test func `the manual has every command, and text that roff shows as it is`() throws {
        let page = try TestTool.text(["--generate-manual"])

        #expect(page.hasPrefix(".TH TOOL 1 \""))
        #expect(page.contains("\n.SH NAME\ntool \\- Tools\n.SH SYNOPSIS\n.B tool\n"))
        for name in ["tool work", "tool nest", "tool nest need"] { #expect(page.contains("\n.SS \(name)\n")) }
        #expect(page.contains("\n.TP\n.B \\-q, \\-\\-quiet\nSay less.\n"))
        #expect(page.contains("\n\\&.hidden\\-file\\(aqs \\eline\n"))
        #expect(page.contains("\n.nf\n  tool work a\n  tool work \\(aqb\\(aq \\-\\- \\-c "))
        #expect(!page.contains("secret"))
    }

    @Test func `the manual has a date, which a build that wants to be repeatable can set`() throws {
        let page = try TestTool.text(["--generate-manual"])

        let heading = try #require(page.split(separator: "\n").first)
        #expect(heading.wholeMatch(of: /\.TH TOOL 1 "\d{4}-\d\d-\d\d" "tool 1\.2" "User Commands"/) != nil)
    }

    @Test func `the reference has a heading for each command, and text that Markdown shows as it is`() throws {
        let text = try TestTool.text(["--generate-reference"])

        #expect(text.hasPrefix("# `tool`\n\nTools.\n\n```\ntool <subcommand>\n```\n"))
        for heading in ["\n## `tool work`\n", "\n## `tool nest`\n", "\n### `tool nest need`\n"] {
            #expect(text.contains(heading))
        }
        #expect(text.contains("\n- `-q, --quiet`: Say less.\n") && text.contains("\n**What is shared**\n"))
        #expect(text.contains("\n```sh\ntool work a\ntool work 'b' -- -c    # an example"))
        #expect(text.contains("\n.hidden-file's \\\\line\n"))
        #expect(text.components(separatedBy: "```").count % 2 == 1)
        #expect(!text.contains("secret"))
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [Substring] {
        split(separator: separator, omittingEmptySubsequences: false)
    }
}
