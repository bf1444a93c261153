import Batchwise
import Foundations

/// Fits the encoding of a column of texts.
struct TextFit {
    private let name: String
    private let file: String
    private let levels: [String]
    private let rule: ColumnRule
    private let standardise: Bool
    /// For each level, the number of rows that have it.
    private var counts: [Int]
    private var hasMissing = false
    /// The first text of the training rows, for errors.
    private var first: (text: String, place: String)?
    /// For each level, its place in the order that the rule gives; nil where the rule gives no order.
    private let places: [Int?]?

    init(
        _ name: String, _ levels: [String], _ rule: ColumnRule, standardise: Bool, file: String
    ) throws(DataError) {
        self.name = name
        self.levels = levels
        self.rule = rule
        self.standardise = standardise
        self.file = file
        counts = [Int](repeating: 0, count: levels.count)
        if case .ordinal(let order?) = rule.kind {
            let places = Dictionary(order.lazy.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
            self.places = levels.map { places[$0] }
        } else {
            places = nil
        }
    }

    /// Adds these rows of a run.
    mutating func add(_ codes: [Int32], _ wanted: [Int], of run: Table) throws(DataError) {
        for row in wanted {
            let code = Int(codes[row])
            if code < 0 { hasMissing = true } else { counts[code] += 1 }
        }
        if first == nil, let row = wanted.first(where: { codes[$0] >= 0 }) {
            first = (levels[Int(codes[row])], run.place(of: row))
        }
        guard let places, case .ordinal(let order?) = rule.kind,
            let row = codes.firstIndex(where: { $0 >= 0 && places[Int($0)] == nil })
        else { return }
        let text = levels[Int(codes[row])]
        let hint = nearestName(to: text, in: order).map { " (did you mean \"\($0)\"?)" } ?? ""
        throw .badCell(
            file: run.file(row), place: run.place(of: row), column: name,
            detail: "\"\(text)\" is not in the order of data.columns.\(name).ordinal\(hint)")
    }

    func encoding() throws(DataError) -> ColumnEncoder.Encoding {
        if case .hash(let features) = rule.kind { return .hashed(features: features) }
        let kept = levels.indices.filter { counts[$0] > 0 }
        guard kept.count <= ColumnEncoder.mostLevels else {
            throw .tooManyLevels(
                file: file, column: name, levels: kept.count, limit: ColumnEncoder.mostLevels,
                first: first?.text, place: first?.place)
        }
        if case .ordinal(let order) = rule.kind { return ordinal(order ?? ascending(kept.map { levels[$0] })) }
        guard rule.missing != .mean else {
            throw .badSource(
                "data.columns.\(name).missing: the column holds texts, which have no mean; use most-frequent")
        }
        let fills = rule.missing == .mostFrequent
        let frequent = kept.max { (counts[$0], $1) < (counts[$1], $0) }
        return .oneHot(
            levels: kept.map { levels[$0] }, fill: fills ? frequent.map { levels[$0] } : nil,
            indicator: fills && hasMissing)
    }

    private func ordinal(_ names: [String]) -> ColumnEncoder.Encoding {
        var places: [String: Int] = [:]
        for (place, name) in names.enumerated() { places[name] = place }
        var present = [Int](repeating: 0, count: names.count)
        for (level, count) in counts.enumerated() where count > 0 {
            if let place = places[levels[level]] { present[place] += count }
        }
        let moments = Moments(counts: present)
        let scale = standardise ? moments : Moments(mean: 0, deviation: 1)
        // the smallest of several
        let frequent = present.indices.max { (present[$0], $1) < (present[$1], $0) } ?? 0
        return .ordinal(
            levels: names, mean: scale.mean, deviation: scale.deviation,
            fill: rule.missing == .mostFrequent ? Double(frequent) : moments.mean, indicator: hasMissing)
    }

    /// Numbers in the order of their values; texts, where one is no number, stay in that of their UTF-8 bytes.
    private func ascending(_ levels: [String]) -> [String] {
        let numbers = levels.compactMap { Double($0) }
        guard numbers.count == levels.count else { return levels }
        return levels.indices.sorted { (numbers[$0], $0) < (numbers[$1], $1) }.map { levels[$0] }
    }
}
