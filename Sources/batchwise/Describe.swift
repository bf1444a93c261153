import ArgumentParser
import Batchwise
import BatchwiseData
import Foundations

/// `batchwise data`
struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data",
        abstract: "Look at data before training on it, or make it quick to read.",
        discussion: """
            Example:
              batchwise data describe houses.csv
              batchwise data convert train-images-idx3-ubyte.gz mnist.data
            """,
        subcommands: [Describe.self, Convert.self])
}

/// `batchwise data describe`
struct Describe: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the rows, columns, types, missing values and class balance of a file.",
        discussion: """
            Examples:
              batchwise data describe houses.csv
              batchwise data describe 'part-*.csv'
              batchwise data describe train-images-idx3-ubyte.gz --json
              batchwise data describe photos
            """)

    @Argument(
        help:
            "A CSV, JSON, ARFF, XLSX, Parquet, LIBSVM, IDX, NPY, NPZ, SQLite or plain text file, arrays.npz:name, book.xlsx:Sheet, a folder of images, or digits."
    )
    var file: String

    @Option(help: ArgumentHelp("csv or libsvm, where the file does not tell.", valueName: "format"))
    var format: DataSource.Format?

    @Option(help: ArgumentHelp("The labels of an IDX or NPY file.", valueName: "file"))
    var labels: String?

    @Option(help: ArgumentHelp("A table of a database; without it, the only one.", valueName: "name"))
    var table: String?

    @Option(help: ArgumentHelp("The rows of this SELECT statement instead.", valueName: "SQL"))
    var query: String?

    @Flag(inversion: .prefixedNo, help: "Whether a table's first row names the columns; without it, it is found out.")
    var header: Bool?

    @Option(
        help: ArgumentHelp(
            "Lines that cannot be read: refuse, skip (leave them out) or pad (empty cells for missing fields).",
            valueName: "treatment"))
    var badLines = DataSource.BadLines.refuse

    @OptionGroup var form: TextFormOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let description = try DataDescription(
            of: file, format: format, header: header, badLines: badLines, form: form.form, labels: labels,
            rows: DatabaseRows(table: table, query: query))
        if output.json {
            for notice in description.notices { Output.log("note: \(notice)") }
            try Output.write(description.json(file: file))
        } else {
            try Output.write(description.text(file: file))
        }
    }
}

extension DataSource.Format: ExpressibleByArgument {}
extension DataSource.BadLines: ExpressibleByArgument {}

extension DataDescription {
    // MARK: For people

    func text(file: String) -> String {
        var lines = [file + ": " + summary, ""]
        let all = columns + (labels.map { [$0] } ?? [])
        var table = [["", "column", "type", "missing", "values"]]
        for (index, column) in all.enumerated() {
            table.append([
                isTable ? "\(index + 1)" : "", escaped(column.name, limit: 40), column.type,
                column.missing == 0
                    ? "-"
                    : "\(grouped(Double(column.missing))) (\(percent(Double(column.missing) / numbers(of: column))))",
                (column.shape.map { Self.text($0) + ": " } ?? "") + column.values(of: characters ?? rows),
            ])
        }
        let widths = (0..<4).map { place in table.map { $0[place].count }.max() ?? 0 }
        for row in table {
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            lines.append((cells + [row[4]]).joined(separator: "  "))
        }
        lines += notices.map { "note: \($0)" }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The number of characters of a text, of which all but those of the first window are predicted; nil of other data.
    private var characters: Int? { format == .text ? rows + shape[0] : nil }

    private var isTable: Bool { [.csv, .sqlite, .parquet, .json, .arff, .xlsx].contains(format) }

    /// The number of values of a column, including missing ones.
    private func numbers(of column: Column) -> Double {
        isTable ? Double(rows) : Double(column.shape?.reduce(1, *) ?? rows * shape.reduce(1, *))
    }

    private static func text(_ shape: [Int]) -> String {
        shape.isEmpty ? "one number" : shape.map(String.init).joined(separator: "x")
    }

    private var summary: String {
        switch format {
        case .sqlite, .parquet: "\(format.rawValue), \(counted(rows, "row")) of \(counted(shape[0], "column"))"
        case .npz: "NPZ, \(counted(columns.count, "array"))"
        case .json, .arff: "\(format.rawValue), \(counted(rows, "row")) of \(counted(shape[0], "column"))"
        case .csv, .xlsx:
            "\(format.rawValue), \(counted(rows, "row")) of \(counted(shape[0], "column")), "
                + (hasHeader == true ? "with a header" : "without a header")
        case .libsvm:
            "LIBSVM, \(counted(rows, "example")) of \(counted(shape[0], "feature")), \(percent(density ?? 0)) not zero"
        case .images:
            "\(counted(rows, "image")), as \(shape.map(String.init).joined(separator: "x")); "
                + "\(counted(skipped ?? 0, "other file")) skipped"
        case .text:
            "plain text, \(counted(rows + shape[0], "character")), "
                + "\(counted(rows, "window")) of \(shape[0]) with the next character"
        case .array:
            "an array, \(counted(rows, "example")) of the shape \(Self.text(shape))"
        }
    }

    // MARK: For programs

    func json(file: String) -> JSON {
        .object([
            ("file", .string(file)), ("format", .string(format.rawValue)), ("rows", .int(rows)),
            ("shape", .array(shape.map { .int($0) })), ("header", hasHeader.map { .bool($0) } ?? .null),
            ("density", JSON(density)), ("characters", characters.map { .int($0) } ?? .null),
            ("skipped", skipped.map { .int($0) } ?? .null),
            ("columns", .array(columns.map(\.json))), ("labels", labels?.json ?? .null),
            ("notices", .array(notices.map { .string($0) })),
        ])
    }
}

extension DataDescription.Column {
    fileprivate var type: String {
        switch content {
        case .numbers: "number"
        case .dates: "date"
        case .texts: "text"
        case .nothing: "empty"
        }
    }

    fileprivate func values(of rows: Int) -> String {
        switch content {
        case .nothing: return ""
        case .numbers(let smallest, let largest, let mean, let deviation, let distinct):
            if distinct == 1 { return "always \(significant(smallest))" }
            return
                "\(significant(smallest)) to \(significant(largest)), mean \(significant(mean)), deviation \(significant(deviation))"
        case .dates(let earliest, let latest, _): return "\(CSVDate.text(earliest)) to \(CSVDate.text(latest))"
        case .texts(let shares):
            let shown = shares.count <= 6 ? shares.count : 4
            var parts = shares.prefix(shown).map {
                "\(escaped($0.name, limit: 30)) \(percent(Double($0.count) / Double(max(1, rows))))"
            }
            if shown < shares.count { parts.append("...") }
            let texts = "\(shares.count): " + parts.joined(separator: ", ")
            // A few numbers among texts are names; texts among numbers are slips.
            guard let mixture, 2 * mixture.numbers >= rows - missing else { return texts }
            return "\(percent(Double(mixture.numbers) / Double(max(1, rows - missing)))) numbers, first text "
                + "'\(escaped(mixture.firstText, limit: 30))' in line \(mixture.line); \(texts)"
        }
    }

    fileprivate var json: JSON {
        var entries: [(key: String, value: JSON)] = [
            ("name", .string(name)), ("type", .string(type)), ("missing", .int(missing)),
        ]
        if let shape { entries.append(("shape", .array(shape.map { .int($0) }))) }
        switch content {
        case .nothing: break
        case .numbers(let smallest, let largest, let mean, let deviation, let distinct):
            entries += [
                ("min", .number(smallest)), ("max", .number(largest)), ("mean", .number(mean)),
                ("deviation", .number(deviation)), ("distinct", distinct.map { .int($0) } ?? .null),
            ]
        case .dates(let earliest, let latest, let distinct):
            entries += [
                ("min", .string(CSVDate.text(earliest))), ("max", .string(CSVDate.text(latest))),
                ("distinct", distinct.map { .int($0) } ?? .null),
            ]
        case .texts(let shares):
            entries.append(("distinct", .int(shares.count)))
            entries.append(("counts", .object(shares.prefix(1000).map { ($0.name, .int($0.count)) })))
            if let mixture {
                entries += [
                    ("numbers", .int(mixture.numbers)), ("first_text", .string(mixture.firstText)),
                    ("first_text_line", .int(mixture.line)),
                ]
            }
        }
        return .object(entries)
    }
}
