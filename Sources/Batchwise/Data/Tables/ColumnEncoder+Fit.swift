import Foundation

extension ColumnEncoder {
    /// Fits to these rows of a column; levels that only other rows have count as unknown.
    ///
    /// - Parameters:
    ///   - place: the column, from 0.
    ///   - standardise: whether numbers and places of which the rule says nothing are standardised.
    static func fitted(
        to place: Int, of table: Table, rows: [Int], rule: ColumnRule, standardise: Bool
    ) throws(DataError) -> Self {
        let encoding: Encoding
        switch table.columns[place].values {
        case .numeric(let numbers):
            encoding = try fitted(to: numbers, place, of: table, rows, rule, standardise: standardise)
        case .categorical(let codes, let levels):
            encoding = try fitted(to: codes, levels, place, of: table, rows, rule, standardise: standardise)
        case .skipped: encoding = .oneHot(levels: [])
        }
        return Self(name: table.columns[place].name, number: place + 1, encoding: encoding)
    }

    private static func fitted(
        to all: [Double], _ place: Int, of table: Table, _ rows: [Int], _ rule: ColumnRule, standardise: Bool
    ) throws(DataError) -> Encoding {
        var present = rows.map { all[$0] }.filter { !$0.isNaN }
        let hasMissing = present.count < rows.count
        if rule.kind == .log {
            try table.requireLogarithms(in: place)
            present = present.map { log1p($0) }
        }
        let moments = Moments(present)
        guard moments.mean.isFinite, moments.deviation.isFinite else {
            throw .notFinite(
                file: table.path, line: 1, column: table.columns[place].name, found: "the sum of the column")
        }
        let scale =
            switch rule.kind {
            case .standardise: moments
            case .minMax: Moments(rangeOf: present)
            case .asIs: Moments(mean: 0, deviation: 1)
            default: standardise ? moments : Moments(mean: 0, deviation: 1)
            }
        let fill = rule.missing == .mostFrequent ? mostFrequent(present) ?? 0 : moments.mean
        return rule.kind == .log
            ? .logarithmic(mean: scale.mean, deviation: scale.deviation, fill: fill, indicator: hasMissing)
            : .numeric(mean: scale.mean, deviation: scale.deviation, fill: fill, indicator: hasMissing)
    }

    private static func fitted(
        to codes: [Int32], _ levels: [String], _ place: Int, of table: Table, _ rows: [Int], _ rule: ColumnRule,
        standardise: Bool
    ) throws(DataError) -> Encoding {
        let name = table.columns[place].name
        if case .hash(let features) = rule.kind { return .hashed(features: features) }
        var counts = [Int](repeating: 0, count: levels.count)
        for row in rows where codes[row] >= 0 { counts[Int(codes[row])] += 1 }
        let kept = levels.indices.filter { counts[$0] > 0 }
        guard kept.count <= mostLevels else {
            throw .tooManyLevels(file: table.path, column: name, levels: kept.count, limit: mostLevels)
        }
        let frequent = kept.max { (counts[$0], $1) < (counts[$1], $0) }
        let hasMissing = rows.contains { codes[$0] < 0 }
        guard case .ordinal(let order) = rule.kind else {
            guard rule.missing != .mean else {
                throw .badSource(
                    "data.columns.\(name).missing: the column holds texts, which have no mean; use most-frequent")
            }
            let fills = rule.missing == .mostFrequent
            return .oneHot(
                levels: kept.map { levels[$0] }, fill: fills ? frequent.map { levels[$0] } : nil,
                indicator: fills && hasMissing)
        }
        let names = order ?? ascending(kept.map { levels[$0] })
        var places: [String: Int] = [:]
        for (place, name) in names.enumerated() { places[name] = place }
        if order != nil, let row = codes.firstIndex(where: { $0 >= 0 && places[levels[Int($0)]] == nil }) {
            let text = levels[Int(codes[row])]
            let hint = nearestName(to: text, in: names).map { " (did you mean \"\($0)\"?)" } ?? ""
            throw .badCell(
                file: table.file(row), place: table.place(of: row), column: name,
                detail: "\"\(text)\" is not in the order of data.columns.\(name).ordinal\(hint)")
        }
        let present = rows.filter { codes[$0] >= 0 }.compactMap { places[levels[Int(codes[$0])]] }.map(Double.init)
        let moments = Moments(present)
        let scale = standardise ? moments : Moments(mean: 0, deviation: 1)
        return .ordinal(
            levels: names, mean: scale.mean, deviation: scale.deviation,
            fill: rule.missing == .mostFrequent ? mostFrequent(present) ?? 0 : moments.mean, indicator: hasMissing)
    }

    /// The value that occurs most often, and the smallest of several.
    private static func mostFrequent(_ numbers: [Double]) -> Double? {
        var counts: [Double: Int] = [:]
        for number in numbers { counts[number, default: 0] += 1 }
        return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }

    /// Numbers in the order of their values; texts, where one is no number, stay in that of their UTF-8 bytes.
    private static func ascending(_ levels: [String]) -> [String] {
        let numbers = levels.compactMap { Double($0) }
        guard numbers.count == levels.count else { return levels }
        return levels.indices.sorted { (numbers[$0], $0) < (numbers[$1], $1) }.map { levels[$0] }
    }
}

extension Moments {
    /// What makes numbers 0 to 1: the smallest as the mean, the distance to the largest as the deviation, or 1 for
    /// numbers that are all the same.
    fileprivate init(rangeOf numbers: [Double]) {
        let smallest = numbers.min() ?? 0
        let distance = (numbers.max() ?? 0) - smallest
        self.init(mean: smallest, deviation: distance > 0 ? distance : 1)
    }
}
