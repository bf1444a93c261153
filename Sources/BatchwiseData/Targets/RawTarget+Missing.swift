import Batchwise

extension RawTarget {
    /// The rows of a table that have a target, and a sentence about the others.
    struct CompleteRows {
        let rows: [Int]
        let notice: String
    }

    /// The targets with a number or class in every row, and the rows that have one of their own; nil where all have.
    ///
    /// Fails where no row of a table has a target; other files than tables keep what they miss.
    func withoutMissing() throws(DataError) -> (RawTarget, CompleteRows?) {
        guard case .table(let table, let columns) = origin else { return (self, nil) }
        let (filled, missing) = fillingMissing()
        guard let first = missing.first else { return (self, nil) }
        guard missing.count < count else { throw table.missingValue(row: first, column: columns[0]) }
        let gone = Set(missing)
        let column = columns.indices.first { isMissing(first * width + $0) } ?? 0
        let others = missing.count - 1
        let rows = others == 0 ? "the row is" : "this row and \(others) more of \(count) are"
        let notice =
            "\(table.file(first)), \(table.place(of: first)), column \"\(columns[column])\": no value to learn; \(rows) left out"
        return (filled, CompleteRows(rows: (0..<count).filter { !gone.contains($0) }, notice: notice))
    }

    private func isMissing(_ at: Int) -> Bool {
        switch values {
        case .numbers(let numbers): numbers[at].isNaN
        case .texts(let codes, _): codes[at] < 0
        }
    }

    /// Missing numbers become the first one of their column that there is, missing texts the first text.
    private func fillingMissing() -> (RawTarget, missing: [Int]) {
        var missing: [Int] = []
        let filled: Values
        switch values {
        case .numbers(var numbers):
            let usual = (0..<width).map { place in
                stride(from: place, to: numbers.count, by: width).lazy.map { numbers[$0] }.first { !$0.isNaN } ?? 0
            }
            for at in numbers.indices where numbers[at].isNaN {
                numbers[at] = usual[at % width]
                if missing.last != at / width { missing.append(at / width) }
            }
            filled = .numbers(numbers)
        case .texts(var codes, let levels):
            for row in codes.indices where codes[row] < 0 {
                codes[row] = 0
                missing.append(row)
            }
            filled = .texts(codes: codes, levels: levels)
        }
        return (RawTarget(file: file, values: filled, width: width, origin: origin), missing)
    }

    /// The targets of these rows.
    func rows(_ rows: [Int]) -> RawTarget {
        let part: Values =
            switch values {
            case .numbers(let numbers): .numbers(rows.flatMap { numbers[$0 * width..<($0 + 1) * width] })
            case .texts(let codes, let levels): .texts(codes: rows.map { codes[$0] }, levels: levels)
            }
        return RawTarget(file: file, values: part, width: width, origin: origin, tableRows: rows)
    }
}

extension DataSource.Parts {
    /// The parts of a table of which these rows were dealt out.
    func of(_ rows: [Int]) -> Self {
        func named(_ places: RowList) -> RowList { RowList(places.map { rows[$0] }.sorted()) }
        var parts = Self(train: named(train), validation: named(validation), test: named(test), heldOut: heldOut)
        parts.coversAll = false
        return parts
    }
}
