import Batchwise

/// The role of each column of a training table: target, weights, group or feature.
struct ColumnRoles {
    /// The columns to learn, in the recipe's order.
    let targets: [Int]
    let weights: Int?
    let group: Int?
    /// The columns that become features, in the table's order.
    private(set) var features: [Int]
    /// Whether the recipe has a rule for each column.
    let areSaid: [Bool]
    /// The recipe's rule of each column.
    let rules: [ColumnRule]
    /// The type that each column is read as.
    let kinds: [Table.Kind]

    init(_ said: DataSource.Columns, task: DataSource.Task?, in table: some TableFile) throws(DataError) {
        let places = table.places
        var targets: [Int] = []
        for name in said.targets { targets.append(try places.place(of: name)) }
        let weights = try said.weights.map { (name) throws(DataError) in try places.place(of: name) }
        let group = try said.group.map { (name) throws(DataError) in try places.place(of: name) }
        guard Set(targets).count == targets.count else { throw .badSource("data.target names a column twice") }
        guard targets.allSatisfy({ $0 != weights }) else {
            throw .badSource("data.target and data.weights are the same column")
        }
        guard targets.allSatisfy({ $0 != group }), group == nil || group != weights else {
            throw .badSource("data.split.group is the column of data.target or data.weights; name another")
        }
        let others = Set(targets + [weights, group].compactMap { $0 })

        var rules = [ColumnRule](repeating: ColumnRule(), count: table.names.count)
        var areSaid = [Bool](repeating: false, count: table.names.count)
        for name in said.rules.keys.sorted() {
            let place = try places.place(of: name)
            guard !areSaid[place] else {
                throw .badSource("data.columns names the column \"\(table.names[place])\" twice")
            }
            guard !others.contains(place) else {
                throw .badSource(
                    "data.columns.\(name): the column is the target, the weights or the group, and not learnt from")
            }
            areSaid[place] = true
            rules[place] = said.rules[name] ?? ColumnRule()
        }
        for name in said.ignore { rules[try places.place(of: name)] = ColumnRule(.ignore) }

        var kinds = rules.map(\.tableKind)
        for place in targets {
            kinds[place] = targets.count > 1 || task == .regression ? .numeric : .either
        }
        if let weights { kinds[weights] = .numeric }
        if let group { kinds[group] = .categorical }
        self.targets = targets
        self.weights = weights
        self.group = group
        self.rules = rules
        self.areSaid = areSaid
        self.kinds = kinds
        features = kinds.indices.filter { !others.contains($0) && kinds[$0] != .skip }
    }

    /// Leaves out the features that cannot be meant, and returns notices about these and others.
    mutating func review(_ rows: any TableRows, hasHeader: Bool) throws(DataError) -> [String] {
        let places = features.filter { !areSaid[$0] }
        let review = try ColumnReview(
            of: rows, places: places, kept: features.count - places.count, targets: targets, hasHeader: hasHeader)
        let leftOut = review.leftOut
        features.removeAll { leftOut.contains($0) }
        return review.notices
    }
}
