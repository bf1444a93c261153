import Batchwise
import BatchwiseData
import Foundations

/// The columns of a table in groups that are taken in the same way.
struct ColumnGroups {
    fileprivate struct Group {
        /// "number", "categories" and so on, with what becomes of them.
        let noun, plural, treatment: String
        var names: [String] = []
        /// The numbers of levels of categories.
        var levels: [Int] = []
    }

    private var groups: [Group] = []
    /// The columns that have missing values in the training rows, by what these become.
    private var missing: [(fill: String, names: [String])] = []

    init(_ table: TableEncoder, _ source: DataSource?) {
        let rules = source?.columns.rules ?? [:]
        let dates = Set(table.dates)
        for column in table.columns {
            let rule = rules[column.name] ?? rules[String(column.number)]
            let scaling: String =
                switch rule?.kind {
                case .minMax: "scaled from 0 to 1"
                case .asIs: "as they are"
                case .standardise: "standardised"
                default: source?.standardise ?? true ? "standardised" : "as they are"
                }
            let isDate = dates.contains(column.number)
            switch column.encoding {
            case .numeric(_, _, _, let isMarked):
                add(column, isDate ? ("date", "dates", "as seconds, " + scaling) : ("number", "numbers", scaling))
                if isMarked { addMissing(column, rule) }
            case .logarithmic(_, _, _, let isMarked):
                add(column, ("number", "numbers", "their logarithms " + scaling))
                if isMarked { addMissing(column, rule) }
            case .date(_, _, _, let cycles, let isMarked):
                let treatment = cycles.isEmpty ? "as seconds, " : "as seconds and cycles, "
                add(column, ("date", "dates", treatment + scaling))
                if isMarked { addMissing(column, rule) }
            case .oneHot(let levels, _, let isMarked):
                add(column, ("category", "categories", "one-hot"), levels: levels.count)
                if isMarked { addMissing(column, rule) }
            case .ordinal(let levels, _, _, _, let isMarked):
                add(column, ("ordered category", "ordered categories", "places " + scaling), levels: levels.count)
                if isMarked { addMissing(column, rule) }
            case .hashed(let features):
                add(column, ("text", "texts", "hashed to \(counted(features, "feature"))"))
            }
        }
    }

    private mutating func add(
        _ column: ColumnEncoder, _ kind: (noun: String, plural: String, treatment: String), levels: Int? = nil
    ) {
        let place =
            groups.firstIndex { $0.noun == kind.noun && $0.treatment == kind.treatment } ?? groups.endIndex
        if place == groups.endIndex {
            groups.append(Group(noun: kind.noun, plural: kind.plural, treatment: kind.treatment))
        }
        groups[place].names.append(escaped(column.name, limit: 30))
        if let levels { groups[place].levels.append(levels) }
    }

    private mutating func addMissing(_ column: ColumnEncoder, _ rule: ColumnRule?) {
        let fill = rule?.missing == .mostFrequent ? "the most frequent value" : "the mean"
        let place = missing.firstIndex { $0.fill == fill } ?? missing.endIndex
        if place == missing.endIndex { missing.append((fill, [])) }
        missing[place].names.append(escaped(column.name, limit: 30))
    }

    /// The largest group first, and missing values last.
    var lists: [ScreenList] {
        let sorted = groups.enumerated().sorted {
            (-$0.element.names.count, $0.offset) < (-$1.element.names.count, $1.offset)
        }
        return sorted.map { ScreenList($0.element.names, before: $0.element.text + ": ") }
            + missing.map { fill, names in
                ScreenList(
                    names, before: "missing values as \(fill), and marked, in \(counted(names.count, "column")): ")
            }
    }
}

extension ColumnGroups.Group {
    fileprivate var text: String {
        let text = "\(counted(names.count, noun, plural)), \(treatment)"
        guard let least = levels.min(), let most = levels.max() else { return text }
        let numbers =
            levels.count <= 6
            ? levels.map { grouped(Double($0)) }.joined(separator: ", ")
            : least == most ? grouped(Double(least)) : "\(grouped(Double(least))) to \(grouped(Double(most)))"
        if levels.count > 6, least == most { return "\(text) (\(numbers) levels each)" }
        return "\(text) (\(numbers) level\(levels == [1] ? "" : "s"))"
    }
}
