import Batchwise

// A header of numbers: the places 0, 1, 2 that a program has written for want of names, or years.

extension CSVHeadRows {
    /// A first row whose numbers may be names.
    enum NumbersAsNames {
        /// The rows below are of another kind.
        case certain
        /// The rows below do not tell.
        case doubtful
    }

    /// Whether the numbers of the first row may be names; nil where they are none.
    ///
    /// Its numbers count from 0 or 1, or are years that rise or fall. They are names where most columns below have
    /// decimals or texts, or numbers that are no years, where a text stands above values or is none of the texts below
    /// it, or where eight numbers and more count and those of the second row do not.
    func numbersAsNames() throws(DataError) -> NumbersAsNames? {
        guard first.count > 1, width > 1, first[0].cells.count == width, first[0].hasValues else { return nil }
        guard !first[0].cells.contains(.missing), !first[0].cells.dropFirst().contains(.empty) else { return nil }
        let names = try names(0)
        let places = names.indices.filter { first[0].cells[$0] == .value }
        let numbers = places.compactMap { Self.placeOrYear(names[$0]) }
        guard numbers.count == places.count else { return nil }
        let steps = zip(numbers, numbers.dropFirst()).map { $1 - $0 }
        let areCounted = numbers[0] <= 1 && steps.allSatisfy { $0 == 1 }
        let areYears =
            numbers.allSatisfy { Self.years.contains($0) }
            && (steps.allSatisfy { $0 > 0 } || steps.allSatisfy { $0 < 0 })
        guard areCounted || areYears else { return nil }

        let below = try Below(self, names, areYears: areYears)
        let others = places.count { below.isOther($0) }
        let texts = names.indices.filter { first[0].cells[$0] == .text }
        if numbers.count == 1 {
            // one number among names: all of the names must be such
            let areNew = !texts.isEmpty && texts.allSatisfy { isValues($0, below: 0) || below.isNew($0) }
            return areNew && below.rows > 2 && (others == 1 || areYears) ? .certain : nil
        }
        guard below.rows > 2 else { return others == places.count ? .doubtful : nil }
        if others > 2 || others == places.count && areYears, 2 * others >= places.count { return .certain }
        if texts.contains(where: { isValues($0, below: 0) || below.isNew($0) }) { return .certain }
        guard !below.secondCounts else { return nil }
        if areCounted, numbers.count >= 8 { return .certain }
        let mayBeCounted = areCounted && numbers[0] == 0 && (others > 0 || numbers.count > 2)
        return mayBeCounted || areYears && others > 0 ? .doubtful : nil
    }

    private static let years = 1500...2200

    /// A number without sign, decimals and leading zeros.
    private static func placeOrYear(_ text: String) -> Int? {
        guard text.utf8.count <= 6, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return text.utf8.first == 48 && text.utf8.count > 1 ? nil : Int(text)
    }

    /// The cells of some rows below the first, by columns.
    private struct Below {
        private var filled: [Int]
        /// The number of cells that are unlike a number in the first row.
        private var others: [Int]
        private var texts: [Set<[UInt8]>]
        private var hasName: [Bool]
        private(set) var rows = 0
        /// Whether the numbers of the second row count like those of the first.
        private(set) var secondCounts = true

        init(_ head: CSVHeadRows, _ names: [String], areYears: Bool) throws(DataError) {
            let width = names.count
            filled = [Int](repeating: 0, count: width)
            others = filled
            texts = .init(repeating: [], count: width)
            hasName = .init(repeating: false, count: width)
            let bytes = names.map { Array($0.utf8) }
            var sample = Sample(scanner: head.scanner, skipsBad: head.skipsBad)
            var (row, last) = (-1, Double?.none)
            while row < max(20, 20_000 / width), let next = try sample.next() {
                row += 1
                guard row > 0, next.fields.count == width else { continue }
                rows += 1
                for (place, field) in next.fields.enumerated() {
                    let cell = CSVHeadRows.cell(field, of: sample.scanner)
                    guard cell != .empty, cell != .missing else { continue }
                    filled[place] += 1
                    let number = CSVNumber.parse(sample.scanner.bytes, field.range)
                    if row == 1, head.first[0].cells[place] == .value {
                        secondCounts = secondCounts && number != nil && (last == nil || number == last.map { $0 + 1 })
                        last = number
                    }
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

        /// Whether a text of the first row is none of the few texts below it.
        func isNew(_ place: Int) -> Bool {
            !hasName[place] && !texts[place].isEmpty && filled[place] >= 10 && 4 * texts[place].count <= filled[place]
        }
    }
}
