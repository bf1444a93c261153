import Batchwise

/// The cells of some rows below the first one of a table, by columns, beside the cells of that row.
struct RowsBelow {
    private var filled: [Int]
    /// The number of cells that are unlike a number in the first row.
    private var others: [Int]
    /// The number of cells that are numbers.
    private var numbers: [Int]
    private var texts: [Set<[UInt8]>]
    private var hasName: [Bool]
    private(set) var rows = 0
    /// Whether the numbers of the second row count like those of the first.
    private(set) var secondCounts = true
    /// The rows whose numbers rise from column to column, and those whose numbers fall.
    private(set) var steps = (rising: 0, falling: 0)

    init(_ head: CSVHeadRows, _ names: [String], areYears: Bool) throws(DataError) {
        let width = names.count
        filled = [Int](repeating: 0, count: width)
        (others, numbers) = (filled, filled)
        texts = .init(repeating: [], count: width)
        hasName = .init(repeating: false, count: width)
        let bytes = names.map { Array($0.utf8) }
        var sample = CSVHeadRows.Sample(scanner: head.scanner, skipsBad: head.skipsBad)
        var (row, last) = (-1, Double?.none)
        while row < max(20, 20_000 / width), let next = try sample.next() {
            row += 1
            guard row > 0, next.fields.count == width else { continue }
            rows += 1
            let values = next.fields.indices.filter { head.first[0].cells[$0] == .value }
                .map { CSVNumber.parse(sample.scanner.bytes, next.fields[$0].range) ?? .nan }
            let pairs = zip(values, values.dropFirst())
            if pairs.allSatisfy({ $0 < $1 }) { steps.rising += 1 }
            if pairs.allSatisfy({ $0 > $1 }) { steps.falling += 1 }
            for (place, field) in next.fields.enumerated() {
                let cell = CSVHeadRows.cell(field, of: sample.scanner)
                guard cell != .empty, cell != .missing else { continue }
                filled[place] += 1
                let number = CSVNumber.parse(sample.scanner.bytes, field.range)
                if row == 1, head.first[0].cells[place] == .value {
                    secondCounts = secondCounts && number != nil && (last == nil || number == last.map { $0 + 1 })
                    last = number
                }
                if number != nil { numbers[place] += 1 }
                let isWhole = number.map { $0 == $0.rounded() } ?? false
                let isYear = number.map { $0 >= 1500 && $0 <= 2200 } ?? false
                if !isWhole || areYears && !isYear { others[place] += 1 }
                guard cell == .text else { continue }
                let text = sample.scanner.text(of: field)
                if text == bytes[place] { hasName[place] = true }
                if texts[place].count < 100 { texts[place].insert(text) }
            }
        }
    }

    /// Whether most cells are unlike a number in the first row.
    func isOther(_ place: Int) -> Bool { 2 * others[place] > filled[place] }

    /// Whether most cells are numbers.
    func isNumeric(_ place: Int) -> Bool { 2 * numbers[place] > filled[place] }

    /// Whether a text of the first row is none of the few texts below it.
    func isNew(_ place: Int) -> Bool {
        !hasName[place] && !texts[place].isEmpty && filled[place] >= 10 && 4 * texts[place].count <= filled[place]
    }
}
