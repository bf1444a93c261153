import Batchwise

// The header of a table of texts, in which no column of numbers shows it.

extension CSVHeadRows {
    /// Whether the first row of a table without values names the columns.
    func headerOfTexts() throws(DataError) -> Bool {
        let head = first[0]
        // one row alone is a header without data where it could be nothing else
        guard first.count > 1 || head.cells.count > 1 else { return false }
        let names = try texts(0)
        let isFull = head.isAllText && Set(names).count == names.count
        let second =
            first.count > 3 && first[1].isAllText && first[1].cells.count == head.cells.count ? try texts(1) : nil
        var (recurs, secondRecurs, repeatLine) = (false, false, Int?.none)
        var sample = Sample(scanner: scanner, skipsBad: skipsBad)
        var count = 0
        while count <= min(1000, max(Self.most, 200_000 / head.cells.count)), let row = try sample.next() {
            defer { count += 1 }
            guard count > 0 else { continue }
            let texts = row.fields.map { sample.scanner.text(of: $0) }
            if texts == names {
                repeatLine = repeatLine ?? row.start.line
                continue
            }
            for (column, text) in texts.enumerated() where column < names.count && !text.isEmpty {
                if text == names[column] { recurs = true }
                if count > 1, let second, text == second[column] { secondRecurs = true }
            }
        }
        if isFull, !recurs, let repeatLine, names.count > 1 {
            throw .headerUnclear(
                file: scanner.path, line: repeatLine,
                detail: "repeats the first row; if that names the columns, say so and remove this line")
        }
        if head.cells.contains(.empty), head.filled > 1, second != nil, !recurs, !secondRecurs {
            throw unclear(0, "has empty cells and may be a part of the header; remove it if it is none of the data")
        }
        return isFull && !recurs
    }

    /// The texts of one of the first rows.
    ///
    /// - Throws: `DataError.notText` where they are not UTF-8.
    func names(_ place: Int) throws(DataError) -> [String] {
        var sample = Sample(scanner: scanner, skipsBad: skipsBad)
        for _ in 0..<place { _ = try sample.next() }
        guard let row = try sample.next() else { return [] }
        var names: [String] = []
        for field in row.fields { names.append(Self.name(try sample.scanner.string(of: field))) }
        // a number sign before the names makes them a comment for other programs
        if names.count > 1, names[0].hasPrefix("#"), let next = names[0].dropFirst().first, next == " " || next.isLetter
        {
            names[0] = Self.name(String(names[0].dropFirst()))
        }
        return names
    }

    /// A cell as a name: without blanks around it, and on one line.
    private static func name(_ text: String) -> String {
        guard text.contains(where: { $0.isNewline || $0.isWhitespace }) else { return text }
        let lines = text.split(whereSeparator: \.isNewline).map { line in
            var line = line
            while line.first?.isWhitespace == true { line.removeFirst() }
            while line.last?.isWhitespace == true { line.removeLast() }
            return line
        }
        return lines.filter { !$0.isEmpty }.joined(separator: " ")
    }

    private func texts(_ place: Int) throws(DataError) -> [[UInt8]] {
        var sample = Sample(scanner: scanner, skipsBad: skipsBad)
        for _ in 0..<place { _ = try sample.next() }
        guard let row = try sample.next() else { return [] }
        return row.fields.map { sample.scanner.text(of: $0) }
    }
}
