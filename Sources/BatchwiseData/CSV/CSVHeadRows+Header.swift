import Batchwise

// The header among the first rows of a table.

extension CSVHeadRows {
    /// The place of the last row of the header; nil where the rows are data from the first one on.
    ///
    /// A header ends with a row that has no value, but has texts where all rows below have values. The rows above it
    /// are part of the header, or titles. A table of texts alone has a header where the first row's cells are all
    /// different and none of them occurs in its own column below.
    ///
    /// - Parameter isSaid: whether it is known that there is a header.
    /// - Throws: `DataError.headerUnclear` where the first rows may be a header and may be data.
    func header(isSaid: Bool) throws(DataError) -> Int? {
        for place in first.indices.reversed() where try ends(place, isSaid) { return place }
        let titles = width > 1 ? first.prefix { $0.isTitle && ($0.cells.count == 1 || width > 2) }.count : 0
        guard !isSaid else { return titles < first.count ? titles : 0 }
        if let place = first.indices.dropFirst().first(where: { isMisplacedHeader($0) }) {
            throw unclear(
                place, "seems to name the columns, but the rows above it hold values; remove these")
        }
        if first[0].hasValues { return nil }
        if first[0].cells.indices.contains(where: { isName(0, $0) }) { return 0 }
        if first[0].cells.contains(.written) { return nil }
        if titles > 0, titles < first.count {
            throw unclear(
                0, "has one cell alone that is filled, as a title has; remove the line if it is none of the data")
        }
        return try headerOfTexts() ? 0 : nil
    }

    /// Whether the header ends with this row.
    private func ends(_ place: Int, _ isSaid: Bool) throws(DataError) -> Bool {
        let count = countOfNames(place)
        guard count > 0, !hasData(above: place) else { return false }
        let hasNames = first[..<place].contains { $0.cells.count == width && $0.isAllText }
        guard hasNames else { return true }
        if try isUnits(place) { return true }
        // the columns have names above it: another row of names has one for each, or it may be data
        guard count > 1 else { return false }
        if first[place].isAllText, Set(try names(place)).count == width { return true }
        let hasMissing = first[place].cells.indices.contains {
            first[place].cells[$0] == .missing && isValues($0, below: place)
        }
        guard !hasMissing, !isSaid else { return false }
        throw unclear(
            place,
            "has texts where all rows below hold numbers or dates; remove it if it is a part of the header, and "
                + "write NA for missing values if it is data")
    }

    /// The number of columns in which the row has a text, and all rows below have values; 0 for a row with a value.
    func countOfNames(_ place: Int) -> Int {
        let row = first[place]
        guard row.cells.count == width, !row.hasValues, !isRepeated(place) else { return 0 }
        return row.cells.indices.count { isName(place, $0) }
    }

    /// Whether a cell is a text, or looks like one, and all rows below have values in its column.
    private func isName(_ place: Int, _ column: Int) -> Bool {
        switch first[place].cells[column] {
        case .text: isValues(column, below: place)
        case .written: isValues(column, below: place) && !hasWritten(column, below: place)
        case .empty, .missing, .value: false
        }
    }

    private func hasWritten(_ column: Int, below place: Int) -> Bool {
        column < hasWritten.count && hasWritten[column]
            || first.dropFirst(place + 1).contains { $0.cells.count == width && $0.cells[column] == .written }
    }

    /// Whether a row above has a value where all rows below have values.
    private func hasData(above place: Int) -> Bool {
        first[..<place].contains { row in
            row.cells.count == width
                && row.cells.indices.contains { column in
                    isValues(column, below: place)
                        && (row.cells[column] == .value
                            || row.cells[column] == .written && hasWritten(column, below: place))
                }
        }
    }

    /// Whether the row names all columns below rows of which none does.
    private func isMisplacedHeader(_ place: Int) -> Bool {
        first[place].isAllText && countOfNames(place) >= 2
            && !first[..<place].contains { $0.cells.count == width && !$0.hasValues && $0.filled > 1 }
    }

    /// Whether a column has values below the row, and nothing else.
    func isValues(_ column: Int, below place: Int) -> Bool {
        guard column < width else { return false }
        var found = column < hasValue.count && (hasValue[column] || hasWritten[column])
        if column < hasText.count, hasText[column] { return false }
        for row in first.indices.dropFirst(place + 1) where first[row].cells.count == width && !isRepeated(row) {
            switch first[row].cells[column] {
            case .text: return false
            case .value, .written: found = true
            case .empty, .missing: break
            }
        }
        return found
    }

    /// Whether the row is one of those above it once more, and has no value.
    private func isRepeated(_ place: Int) -> Bool {
        let row = first[place]
        guard !row.hasValues, row.cells.count > 1 else { return false }
        return first[..<place].contains {
            $0.bytes.count == row.bytes.count && scanner.bytes[$0.bytes].elementsEqual(scanner.bytes[row.bytes])
        }
    }

    /// The error where a row may be a header and may be data.
    func unclear(_ place: Int, _ detail: String) -> DataError {
        .headerUnclear(file: scanner.path, line: first[place].start.line, detail: detail)
    }
}
