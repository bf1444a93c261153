import Foundations
import Batchwise
/// What each column of a training table is for.
struct ColumnRoles {
    /// The columns to learn, in the recipe's order.
    let targets: [Int]
    let weights: Int?
    let group: Int?
    /// The columns that become features, in the table's order.
    let features: [Int]
    /// What the recipe says of each column.
    let rules: [ColumnRule]
    /// How each column must be read.
    let kinds: [Table.Kind]

    init(_ source: DataSource, in csv: some TableFile) throws(DataError) {
        var targets: [Int] = []
        for name in source.targets { targets.append(try csv.place(of: name)) }
        let weights = try source.weights.map { (name) throws(DataError) in try csv.place(of: name) }
        let group = try source.group.map { (name) throws(DataError) in try csv.place(of: name) }
        guard Set(targets).count == targets.count else { throw .badSource("data.target names a column twice") }
        guard targets.allSatisfy({ $0 != weights }) else {
            throw .badSource("data.target and data.weights are the same column")
        }
        guard targets.allSatisfy({ $0 != group }), group == nil || group != weights else {
            throw .badSource("data.split.group is the column of data.target or data.weights; name another")
        }
        let others = Set(targets + [weights, group].compactMap { $0 })

        var rules = [ColumnRule](repeating: ColumnRule(), count: csv.names.count)
        var isSaid = [Bool](repeating: false, count: csv.names.count)
        for name in source.columns.keys.sorted() {
            let place = try csv.place(of: name)
            guard !isSaid[place] else {
                throw .badSource("data.columns names the column \"\(csv.names[place])\" twice")
            }
            guard !others.contains(place) else {
                throw .badSource(
                    "data.columns.\(name): the column is the target, the weights or the group, and not learnt from")
            }
            isSaid[place] = true
            rules[place] = source.columns[name] ?? ColumnRule()
        }
        for name in source.ignore { rules[try csv.place(of: name)] = ColumnRule(.ignore) }

        var kinds = rules.map(\.tableKind)
        for place in targets {
            kinds[place] = targets.count > 1 || source.task == .regression ? .numeric : .either
        }
        if let weights { kinds[weights] = .numeric }
        if let group { kinds[group] = .categorical }
        self.targets = targets
        self.weights = weights
        self.group = group
        self.rules = rules
        self.kinds = kinds
        features = kinds.indices.filter { !others.contains($0) && kinds[$0] != .skip }
    }
}

extension CSV {
    /// A column by its name or, when none has that name, by its number from 1.
    fileprivate func place(of column: String) throws(DataError) -> Int {
        if let place = names.firstIndex(of: column) { return place }
        if let number = Int(column), names.indices.contains(number - 1) { return number - 1 }
        throw .unknownColumn(file: path, name: column, nearest: nearestName(to: column, in: names), columns: names)
    }
}
