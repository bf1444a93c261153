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
        guard numbers.count == places.count else { return try stepsAsNames(names, places) }
        let steps = zip(numbers, numbers.dropFirst()).map { $1 - $0 }
        let areCounted = numbers[0] <= 1 && steps.allSatisfy { $0 == 1 }
        let areYears =
            numbers.allSatisfy { Self.years.contains($0) }
            && (steps.allSatisfy { $0 > 0 } || steps.allSatisfy { $0 < 0 })
        guard areCounted || areYears else { return try stepsAsNames(names, places) }

        let below = try RowsBelow(self, names, areYears: areYears)
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

    /// Whether three numbers, or two dates, that rise or fall from column to column, such as wavelengths or months, are
    /// names: they are where texts stand beside them that no row below has, and may be where their steps are equal.
    private func stepsAsNames(_ names: [String], _ places: [Int]) throws(DataError) -> NumbersAsNames? {
        let numbers = places.compactMap { place -> Double? in
            let bytes = Array(names[place].utf8)
            return CSVNumber.parse(bytes, bytes.indices)
                ?? bytes.withUnsafeBufferPointer { CSVDate.parse($0, $0.indices) }
        }
        guard numbers.count == places.count, numbers.count > 1 else { return nil }
        let steps = zip(numbers, numbers.dropFirst()).map { $1 - $0 }
        guard steps.allSatisfy({ $0 > 0 }) || steps.allSatisfy({ $0 < 0 }) else { return nil }
        let below = try RowsBelow(self, names, areYears: false)
        // rows that do likewise are data
        let alike = steps[0] > 0 ? below.steps.rising : below.steps.falling
        guard below.rows > 9, 10 * alike < 9 * below.rows else { return nil }
        // two numbers rise or fall by chance, unless they are dates above numbers
        let areDates = places.allSatisfy { place in
            let bytes = Array(names[place].utf8)
            return CSVNumber.parse(bytes, bytes.indices) == nil && below.isNumeric(place)
        }
        guard numbers.count > 2 || areDates else { return nil }
        let texts = names.indices.filter { first[0].cells[$0] == .text || first[0].cells[$0] == .written }
        if !texts.isEmpty, texts.allSatisfy({ isValues($0, below: 0) || below.isNew($0) }) { return .certain }
        let areEven = steps.allSatisfy { abs($0 - steps[0]) <= 1e-9 * abs(steps[0]) }
        return numbers.count > 2 && areEven ? .doubtful : nil
    }

    private static let years = 1500...2200

    /// A number without sign, decimals and leading zeros.
    private static func placeOrYear(_ text: String) -> Int? {
        guard text.utf8.count <= 6, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return text.utf8.first == 48 && text.utf8.count > 1 ? nil : Int(text)
    }
}
