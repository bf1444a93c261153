import ArgumentParser
import Batchwise

/// Options for the encoding, separator and quotes of a table of text.
struct TextFormOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The character encoding: utf-8, utf-16, windows-1252, latin-1, ...", valueName: "name"))
    var encoding: DataSource.TextEncoding?

    @Option(
        help: ArgumentHelp("What separates cells: a character, tab, blanks or fixed-width.", valueName: "character"))
    var separator: DataSource.Separator?

    @Option(help: ArgumentHelp("What encloses cells: double or single quotes.", valueName: "quotes"))
    var quote: DataSource.Quote?

    @Option(help: ArgumentHelp("How a quote is written in a cell: by doubling it or a backslash.", valueName: "way"))
    var escape: DataSource.Escape?

    var form: DataSource.TextForm {
        DataSource.TextForm(encoding: encoding, separator: separator, quote: quote, escape: escape)
    }
}

extension DataSource.TextEncoding: ExpressibleByArgument {}
extension DataSource.Quote: ExpressibleByArgument {}
extension DataSource.Escape: ExpressibleByArgument {}

extension DataSource.Separator: ExpressibleByArgument {
    public init?(argument: String) { self.init(notation: argument) }
}
