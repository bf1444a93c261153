import ArgumentParser
import Batchwise

/// `batchwise data`
struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data",
        abstract: "Look at data before training on it.",
        discussion: """
            Example:
              batchwise data describe houses.csv
            """,
        subcommands: [Describe.self])
}

/// `batchwise data describe`
struct Describe: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the rows, columns, types, missing values and class balance of a file.",
        discussion: """
            Examples:
              batchwise data describe houses.csv
              batchwise data describe train-images-idx3-ubyte.gz --json
            """)

    @Argument(help: "A CSV, LIBSVM, IDX or NPY file, or digits.")
    var file: String

    @Option(help: ArgumentHelp("csv or libsvm, where the file does not tell.", valueName: "format"))
    var format: DataSource.Format?

    @Option(help: ArgumentHelp("The labels of an IDX or NPY file.", valueName: "file"))
    var labels: String?

    @Flag(inversion: .prefixedNo, help: "Whether a table's first row names the columns; without it, it is found out.")
    var header: Bool?

    @OptionGroup var output: OutputOptions

    func run() throws {
        let description = try DataDescription(of: file, format: format, header: header, labels: labels)
        if output.json {
            try Output.write(description.json(file: file))
        } else {
            try Output.write(description.text(file: file))
        }
    }
}

extension DataSource.Format: ExpressibleByArgument {}

extension DataDescription {
    // MARK: For people

    func text(file: String) -> String {
        var lines = [file + ": " + summary, ""]
        let all = columns + (labels.map { [$0] } ?? [])
        var table = [["", "column", "type", "missing", "values"]]
        for (index, column) in all.enumerated() {
            table.append([
                format == .csv ? "\(index + 1)" : "", escaped(column.name, limit: 40), column.type,
                column.missing == 0
                    ? "-"
                    : "\(grouped(Double(column.missing))) (\(percent(Double(column.missing) / Double(format == .csv ? rows : rows * shape.reduce(1, *)))))",
                column.values(of: rows),
            ])
        }
        let widths = (0..<4).map { place in table.map { $0[place].count }.max() ?? 0 }
        for row in table {
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            lines.append((cells + [row[4]]).joined(separator: "  "))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var summary: String {
        switch format {
        case .csv:
            "CSV, \(counted(rows, "row")) of \(counted(shape[0], "column")), "
                + (hasHeader == true ? "with a header" : "without a header")
        case .libsvm:
            "LIBSVM, \(counted(rows, "example")) of \(counted(shape[0], "feature")), \(percent(density ?? 0)) not zero"
        case .array:
            "an array, \(counted(rows, "example")) of the shape \(shape.map(String.init).joined(separator: "x"))"
        }
    }

    // MARK: For programs

    func json(file: String) -> JSON {
        .object([
            ("file", .string(file)), ("format", .string(format.rawValue)), ("rows", .int(rows)),
            ("shape", .array(shape.map { .int($0) })), ("header", hasHeader.map { .bool($0) } ?? .null),
            ("density", JSON(density)), ("columns", .array(columns.map(\.json))), ("labels", labels?.json ?? .null),
        ])
    }
}

extension DataDescription.Column {
    fileprivate var type: String {
        switch content {
        case .numbers: "number"
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
        switch content {
        case .nothing: break
        case .numbers(let smallest, let largest, let mean, let deviation, let distinct):
            entries += [
                ("min", .number(smallest)), ("max", .number(largest)), ("mean", .number(mean)),
                ("deviation", .number(deviation)), ("distinct", distinct.map { .int($0) } ?? .null),
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
