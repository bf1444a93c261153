// The digits of a number and the signs among them.

extension WrittenNumber {
    /// A sign that separates groups and nothing else.
    private enum Separator: UInt8 { case point, comma, blank, apostrophe, underscore }

    /// Passes digits and the signs among them; nil where they make no number.
    static func core(_ cursor: inout CellCursor) -> (signs: Signs, range: Range<Int>)? {
        let first = cursor.at
        var groups: [Int] = []
        var separators: [Separator] = []
        var digits = 0
        while !cursor.isAtEnd {
            if cursor.nextIsDigit {
                cursor.at += 1
                digits += 1
                continue
            }
            let before = cursor.at
            guard let separator = self.separator(&cursor, digits: digits) else {
                cursor.at = before
                break
            }
            separators.append(separator)
            groups.append(digits)
            digits = 0
        }
        groups.append(digits)
        guard groups.contains(where: { $0 > 0 }) else { return nil }
        let startsWithZero = cursor.bytes[first] == UInt8(ascii: "0")
        let endsInZero = cursor.bytes[cursor.at - 1] == UInt8(ascii: "0")
        guard let signs = signs(separators, groups, startsWithZero: startsWithZero, endsInZero: endsInZero) else {
            return nil
        }
        return (signs, first..<cursor.at)
    }

    private static func separator(_ cursor: inout CellCursor, digits: Int) -> Separator? {
        if cursor.passes(".") { return .point }
        if cursor.passes(",") { return .comma }
        guard digits > 0 else { return nil }
        let found: Separator
        if cursor.passes("'") || cursor.passes("\u{2019}") {
            found = .apostrophe
        } else if cursor.passes("_") {
            found = .underscore
        } else if cursor.passesBlank() {
            found = .blank
        } else {
            return nil
        }
        // three digits follow, and no fourth
        var ahead = cursor
        return ahead.digits().count == 3 ? found : nil
    }

    private static func signs(
        _ separators: [Separator], _ groups: [Int], startsWithZero: Bool, endsInZero: Bool
    ) -> Signs? {
        guard let last = separators.last else { return Signs.none(digits: groups[0], isGrouped: false) }
        let (points, commas) = (separators.count { $0 == .point }, separators.count { $0 == .comma })
        func sign(_ separator: Separator) -> DecimalSign { separator == .point ? .point : .comma }
        func areGroups(_ groups: ArraySlice<Int>, _ separator: Separator) -> Bool {
            guard let first = groups.first, !startsWithZero else { return false }
            if (1...3).contains(first), groups.dropFirst().allSatisfy({ $0 == 3 }) { return true }
            // lakh and crore
            return separator == .comma && (1...2).contains(first) && groups.last == 3
                && groups.dropFirst().dropLast().allSatisfy { $0 == 2 }
        }
        let isDecimalLast = last == .point || last == .comma
        let other = separators.first ?? last
        if points + commas < separators.count || points > 0 && commas > 0 {
            // of two kinds the last is the decimal sign; blanks, apostrophes and underscores only group
            let isDecimal = isDecimalLast && separators.dropLast().allSatisfy { $0 == other } && last != other
            if isDecimal { return areGroups(groups.dropLast(), other) ? .decimal(sign(last)) : nil }
            guard separators.allSatisfy({ $0 == last }), !isDecimalLast else { return nil }
            return areGroups(groups[...], last)
                ? Signs.none(digits: groups.reduce(0, +), isGrouped: true) : nil
        }
        guard separators.count == 1 else { return areGroups(groups[...], last) ? .grouping(sign(last)) : nil }
        let isDoubtful = groups[1] == 3 && (1...3).contains(groups[0]) && !startsWithZero
        return isDoubtful ? .doubtful(sign(last), endsInZero: endsInZero) : .decimal(sign(last))
    }
}
