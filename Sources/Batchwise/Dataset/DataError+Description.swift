import Foundations

extension DataError: CustomStringConvertible {
    /// One line for a person: the place, the mistake, and what to do about it.
    public var description: String {
        switch self {
        case .missingFile(let file): "\(shown(file)): no such file"
        case .unreadable(let file, let reason): "\(shown(file)): cannot be opened: \(reason)"
        case .readFailed(let file, let reason): "\(shown(file)): reading failed: \(reason)"
        case .directory(let file): "\(shown(file)): is a directory; name a file in it"
        case .specialFile(let file): "\(shown(file)): is not a regular file; save the data to a file first"
        case .emptyFile(let file): "\(shown(file)): is empty"
        case .tooLarge(let file, let bytes, let limit):
            "\(shown(file)): needs \(bytes) bytes, more than the \(limit) allowed here; use fewer examples"
        case .packedTooClosely(let file, let limit):
            "\(shown(file)): is packed too closely: it unpacks to more than \(limit) bytes; if you trust it, unpack it first "
                + "and use the plain file"
        case .badChecksum(let file):
            "\(shown(file)): its bytes are not those that were written (the checksum differs); convert the source again"
        case .corruptGzip(let file, let detail): "\(shown(file)): bad gzip data: \(detail); fetch the file again"
        case .corruptFile(let file, let format, let detail):
            "\(shown(file)): bad \(format) data: \(escaped(detail, limit: 200)); fetch the file again"
        case .unsupported(let file, let detail): "\(shown(file)): \(detail)"
        case .badImage(let file, let detail):
            "\(shown(file)): the image cannot be read: \(escaped(detail, limit: 200)); replace or remove it"
        case .imageFolder(let folder, let detail):
            "\(shown(folder)): is a directory that \(escaped(detail, limit: 4096)); images to learn from lie in a folder "
                + "for each class: class/name.png, .jpg or .jpeg"
        case .partDiffers(let file, let first, let detail):
            "\(shown(file)): has \(escaped(detail, limit: 160)), unlike \(shown(first)); "
                + "files that are read as one need the same columns and kind"
        case .truncated, .trailingBytes, .badHeader, .countsDiffer, .shapeDiffers, .labelsMissing, .badLabels,
            .arrayUnclear, .unknownArray:
            arrayDescription
        case .tableUnclear, .unknownTable: databaseDescription
        case .badSource, .badPreprocessing, .elementCount, .badShape, .noExamples, .labelOutOfRange, .nonFinite,
            .badWeight, .badSparseRow:
            memoryDescription
        default: tableDescription
        }
    }

    private var arrayDescription: String {
        switch self {
        case .truncated(let file, let format, let expected, let found):
            "\(shown(file)): \(format) data is cut short: \(expected) bytes expected, at most \(found) there; "
                + "fetch the file again"
        case .trailingBytes(let file, let format):
            "\(shown(file)): bytes follow the end of the \(format) data; the file is damaged or holds something else"
        case .badHeader(let file, let format, let detail): "\(shown(file)): bad \(format) header: \(detail)"
        case .countsDiffer(let file, let count, let other, let otherCount):
            "\(shown(file)) has \(count) examples but \(shown(other)) has \(otherCount); they must belong together"
        case .shapeDiffers(let file, let expected, let found):
            "\(shown(file)): an example has the shape \(found), but the model was trained with \(expected)"
        case .labelsMissing(let file): "\(shown(file)): has no labels; name their file in data.labels"
        case .badLabels(let file, let detail): "\(shown(file)): cannot serve as labels: \(detail)"
        case .arrayUnclear(let file, let purpose, let arrays):
            "\(shown(file)): does not tell which array is the \(purpose); write \(shown(file)):name with one of "
                + listed(arrays)
        case .unknownArray(let file, let name, let nearest, let arrays):
            "\(shown(file)): has no array \(quoted(name))\(suggestion(nearest)); its arrays are \(listed(arrays))"
        default: "bad array"
        }
    }

    private var databaseDescription: String {
        switch self {
        case .tableUnclear(let file, let tables):
            "\(shown(file)): say in data.table which of its tables is meant: \(listed(tables))"
        case .unknownTable(let file, let name, let nearest, let tables):
            "\(shown(file)): has no table \(quoted(name))\(suggestion(nearest)); its tables are \(listed(tables))"
        default: "bad database"
        }
    }

    private var tableDescription: String {
        switch self {
        case .raggedRow, .unterminatedQuote, .textAfterQuote, .quoteWithinCell, .repeatedHeader, .headerUnclear:
            lineDescription
        case .notText(let file, let line, let detail):
            "\(shown(file)), line \(line): \(detail)\(detail.hasSuffix("or") ? "" : ";") save the table as UTF-8 text"
        case .noRows(let file): "\(shown(file)): has no row of data"
        case .duplicateColumn(let file, let name):
            "\(shown(file)): two columns are named \(quoted(name)); rename one, or in a table of text say its number"
        case .noTarget(let file, let columns):
            "\(shown(file)): say in data.target which column to learn: \(listed(columns))"
                + (columns.last { ["class", "target", "label"].contains($0.lowercased()) }
                    .map { "; perhaps \(quoted($0))" } ?? "")
        case .unknownColumn(let file, let name, let nearest, let columns):
            "\(shown(file)): has no column \(quoted(name))\(suggestion(nearest)); its columns are \(listed(columns))"
        case .unknownColumns(let file, let names, let nearest, let columns):
            "\(shown(file)): has no columns "
                + zip(names, nearest).prefix(20).map { quoted($0) + suggestion($1) }.joined(separator: ", ")
                + (names.count > 20 ? " and \(names.count - 20) more" : "") + "; its columns are \(listed(columns))"
        case .columnCount(let file, let expected, let found):
            "\(shown(file)): \(expected) columns expected as in training, \(found) found"
        case .notANumber(let file, let line, let column, let found):
            "\(shown(file)), line \(line), column \(quoted(column)): a number expected, \(quoted(found)) found"
        case .notADate(let file, let line, let column, let found):
            "\(shown(file)), line \(line), column \(quoted(column)): a date such as 2024-03-01 expected, as in training, "
                + "\(quoted(found)) found"
        case .notFinite(let file, let line, let column, let found):
            "\(shown(file)), line \(line), column \(quoted(column)): \(found) is not a finite number"
        case .badCell(let file, let place, let column, let detail):
            "\(shown(file)), \(place), column \(quoted(column)): \(escaped(detail, limit: 240))"
        case .missingValue(let file, let line, let column):
            "\(shown(file)), line \(line), column \(quoted(column)): no value; fill it in or remove the row"
        case .negativeWeight(let file, let line, let found):
            "\(shown(file)), line \(line): the weight \(found) is below 0"
        case .tooManyLevels(let file, let column, let levels, let limit, let first, let place):
            "\(shown(file))\(place.map { ", \($0)" } ?? ""): column \(quoted(column)) has \(levels) different texts, "
                + "more than \(limit)\(first.map { ", the first \(quoted($0))" } ?? ""); leave it out with data.ignore, or hash it as data.columns: {name: {hash: 64}}"
        case .tooManyTexts(let file, let column):
            "\(shown(file)): column \(quoted(column)) has too many different texts to convert; leave it out with "
                + "data.ignore, or --ignore"
        case .changes(let file): "\(shown(file)): changes while it is read; try again"
        case .unknownClass(let file, let row, let found, let nearest):
            "\(shown(file)), \(row): the class \(quoted(found)) is not in the training data\(suggestion(nearest))"
                + (Double(found) == nil ? "" : "; if these numbers are amounts, train with data.task: regression")
        case .oneClass(let file, let name):
            "\(shown(file)): every example is of the class \(quoted(name)): "
                + "there is nothing to tell apart (for amounts say data.task: regression)"
        case .badLine(let file, let line, let detail): "\(shown(file)), line \(line): \(escaped(detail, limit: 160))"
        case .noFeatures(let file): "\(shown(file)): no column is left to learn from"
        default: "bad table"
        }
    }

    /// Lines that cannot be cut into cells.
    private var lineDescription: String {
        switch self {
        case .raggedRow(let file, let line, let expected, let found):
            "\(shown(file)), line \(line): \(expected) fields expected as in the first row, \(found) found; "
                + (found < expected ? Self.shortLines : Self.badLines)
        case .unterminatedQuote(let file, let line):
            "\(shown(file)), line \(line): a quote opens here and is never closed; \(Self.badLines)"
        case .textAfterQuote(let file, let line):
            "\(shown(file)), line \(line): text follows a closing quote; write a quote inside quotes twice, or "
                + Self.badLines
        case .quoteWithinCell(let file, let line, let column):
            "\(shown(file)), line \(line), column \(column): a quote stands within a cell that does not begin with one, "
                + "and a separator follows before it closes, so a separator may be missing before it; "
                + Self.badLines
        case .repeatedHeader(let file, let line):
            "\(shown(file)), line \(line): the header stands here once more; \(Self.badLines)"
        case .headerUnclear(let file, let line, let detail):
            "\(shown(file)), line \(line): \(detail); or say in data.header whether the first row names the columns"
        default: "bad line"
        }
    }

    private static let badLines = "mend the line, or leave such lines out with data.bad-lines: skip"
    private static let shortLines =
        "mend the line, or say data.bad-lines: pad (empty cells at its end) or skip (leave such lines out)"

    private var memoryDescription: String {
        switch self {
        case .badSource(let detail): detail
        case .badPreprocessing(let detail): "the model's preprocessing does not fit together: \(detail); train again"
        case .elementCount(let what, let expected, let found): "\(expected) \(what) expected, \(found) found"
        case .badShape(let shape): "\(shape) is not a shape: every dimension must be at least 1"
        case .noExamples: "no examples"
        case .labelOutOfRange(let row, let label, let classes):
            "example \(row) (from 0): the label \(label) is "
                + (label < 0 ? "below 0" : "not in 0..<\(classes)") + "; number the classes from 0"
        case .nonFinite(let what, let row, let found): "example \(row) (from 0): \(found) among its \(what)"
        case .badWeight(let row, let found): "example \(row) (from 0): the weight \(found) is not usable"
        case .badSparseRow(let row, let detail): "row \(row) (from 0): \(detail)"
        default: "bad data"
        }
    }
}

/// A path as it may be shown on a terminal.
private func shown(_ path: String) -> String {
    path.isEmpty ? "(no path)" : escaped(path, limit: 4096)
}

/// Text from a file, in quotes, short and without control characters: it may come from anyone.
private func quoted(_ text: String) -> String {
    "\"" + escaped(text, limit: 60) + "\""
}

private func suggestion(_ nearest: String?) -> String {
    nearest.map { " (did you mean \(quoted($0))?)" } ?? ""
}

private func listed(_ names: [String]) -> String {
    let first = names.prefix(20).map { escaped($0, limit: 60) }.joined(separator: ", ")
    return names.count > 20 ? "\(first) and \(names.count - 20) more" : first
}
