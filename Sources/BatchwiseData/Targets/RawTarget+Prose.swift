import Batchwise

extension RawTarget {
    /// Refuses texts that can hardly be classes: nearly all of them different, or amounts with some texts in the way.
    func refuseProse(_ codes: [Int32], _ levels: [String]) throws(DataError) {
        if case .folders = origin { return }
        var rows = [Int](repeating: 0, count: levels.count)
        var firstRow = [Int](repeating: 0, count: levels.count)
        for (row, code) in codes.enumerated() where code >= 0 {
            if rows[Int(code)] == 0 { firstRow[Int(code)] = row }
            rows[Int(code)] += 1
        }
        let present = rows.indices.filter { rows[$0] > 0 }
        let total = present.reduce(0) { $0 + rows[$1] }
        let isNearlyAllDifferent = present.count >= 10 && 2 * present.count > total
        let numbers = levels.map(Self.number)
        let rowsOfNumbers = present.reduce(0) { numbers[$1] == nil ? $0 : $0 + rows[$1] }
        let odd = present.filter { numbers[$0] == nil }.min { firstRow[$0] < firstRow[$1] }
        // a few texts among numbers that would be amounts
        if let odd, rowsOfNumbers < total, 2 * rowsOfNumbers > total, areAmounts(numbers, rows) || isNearlyAllDifferent
        {
            throw refused(
                firstRow[odd],
                "\"\(levels[odd])\" is no number, and \(rowsOfNumbers) of the \(total) values are: correct or remove such "
                    + "rows to learn amounts; data.task: classification makes each text a class")
        }
        guard isNearlyAllDifferent, let first = present.min(by: { firstRow[$0] < firstRow[$1] }) else { return }
        throw refused(
            firstRow[first],
            "\"\(levels[first])\" is one of \(present.count) different texts in \(total) rows, too many to be classes: "
                + "name another target; data.task: classification makes each text a class")
    }

    /// A text as a number, without the signs that people put beside one.
    private static func number(_ text: String) -> Double? {
        let signs: Set<UInt8> = Set("$% ,'".utf8)
        let bytes = text.replacing("€", with: "").replacing("£", with: "").utf8.filter { !signs.contains($0) }
        return CSVNumber.parse(bytes, bytes.indices)
    }

    private func areAmounts(_ numbers: [Double?], _ rows: [Int]) -> Bool {
        let found = numbers.indices.lazy.filter { rows[$0] > 0 }.flatMap { place in
            repeatElement(numbers[place], count: rows[place]).compactMap { $0 }
        }
        return WholeNumbers(found).map { !$0.areClasses } ?? true
    }

    private func refused(_ row: Int, _ detail: String) -> DataError {
        if case .table(let table, let columns) = origin {
            let row = tableRows?[row] ?? row
            return .badCell(file: table.file(row), place: table.place(of: row), column: columns[0], detail: detail)
        }
        return .badLabels(file: file, detail: "example \(row) (from 0): \(detail)")
    }
}
