import ArgumentParser
import Testing

@testable import batchwise

/// The help of every command, as it is printed where the output is no terminal: in 80 columns.
@Suite struct HelpTests {
    /// Every command, with the words that call it.
    private static func commands(
        _ command: any ParsableCommand.Type = BatchwiseCommand.self, _ words: [String] = []
    ) -> [(words: [String], type: any ParsableCommand.Type)] {
        [(words, command)]
            + command.configuration.subcommands.flatMap { commands($0, words + [$0._commandName]) }
    }

    @Test func noLineIsWiderThan80Columns() throws {
        let shop = try Workshop()
        let commands = Self.commands()
        #expect(commands.count > 25)
        for (words, _) in commands {
            let help = try shop.run(words + ["--help"])
            #expect(help.status == 0 && help.output.hasPrefix("OVERVIEW: "), "\(words): \(help)")
            for line in help.output.split(separator: "\n") { #expect(line.count <= 80, "\(words): \(line)") }
        }
    }

    /// The parser breaks a line that is too long where the columns end, and begins the rest on a line of its own, also in a
    /// command or a table: no line of a discussion may need it.
    @Test func noLineOfADiscussionIsBroken() throws {
        let shop = try Workshop()
        for (words, type) in Self.commands() {
            let help = try shop.run(words + ["--help"]).output
            let discussion = type.configuration.discussion
            #expect(help.contains(discussion), "\(words): a line is broken")
            for line in discussion.split(separator: "\n") { #expect(line.count <= 79, "\(words): \(line)") }
        }
    }

    @Test func aUsageIsWrappedBetweenOptions() {
        let usage =
            "USAGE: batchwise evaluate <model> <data> [--labels <file>] [--threads <threads>] [--set <path=value> ...]"
        #expect(
            HelpText.wrapped("before\n\(usage) [--json]\n\nafter")
                == """
                before
                USAGE: batchwise evaluate <model> <data> [--labels <file>] [--threads <threads>]
                         [--set <path=value> ...] [--json]

                after
                """)
        #expect(HelpText.wrapped("USAGE: batchwise <subcommand>") == "USAGE: batchwise <subcommand>")
    }
}
