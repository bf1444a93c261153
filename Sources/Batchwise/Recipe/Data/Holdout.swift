extension DataSource {
    /// The training examples that are held out: for validation after every epoch, and for testing.
    ///
    /// ```yaml
    /// split: {validation: 0.1, test: 0.2, by: stratified}
    /// split: {folds: 5, fold: 2}
    /// ```
    public struct Holdout: Equatable, Sendable {
        /// The part held out for testing, below 1; nil: `defaultTestFraction` of a table or LIBSVM file without test
        /// files, else nothing.
        public var test: Double?
        /// The part held out for validation after every epoch, below 1; nil: nothing.
        public var validation: Double?
        /// The way examples are dealt out to the parts.
        public var method: Split.Method
        /// One part of a cross-validation, held out for testing in place of `test`.
        public var fold: Split.Fold?

        /// A split; the format of the data decides the parts that are nil.
        public init(
            test: Double? = nil, validation: Double? = nil, method: Split.Method = .random, fold: Split.Fold? = nil
        ) {
            self.test = test
            self.validation = validation
            self.method = method
            self.fold = fold
        }
    }
}

extension DataSource.Holdout {
    /// Reads `{validation: 0.1, test: 0.2, by: stratified}`, `{test: 0.2, group: customer}` and `{folds: 5, fold: 2}`.
    /// The group is a column of a table.
    static func read(_ notation: RecipeValue, at path: String) throws(RecipeError) -> (split: Self, group: String?) {
        var parts = try RecipeReader(notation, at: path)
        let expected = "a part from 0 to below 1"
        var split = Self()
        split.test = try parts.double("test", expected, where: { $0 >= 0 && $0 < 1 })
        split.validation = try parts.double("validation", expected, where: { $0 >= 0 && $0 < 1 })
        split.method = try parts.choice("by", Split.Method.self) ?? .random
        let group = try parts.string("group", "a column")
        let folds = try parts.int("folds", in: 2...1000)
        let fold = try parts.int("fold", in: 1...(folds ?? 1000))
        try parts.finish()
        switch (folds, fold) {
        case (nil, nil): break
        case (let count?, let number?): split.fold = Split.Fold(number, of: count)
        case (nil, _): throw .missing(at: parts.at("folds"), expected: "how many folds there are")
        case (_, nil): throw .missing(at: parts.at("fold"), expected: "which fold is tested, from 1")
        }
        return (split, group)
    }

    /// The notation of the split in a recipe; nil where nothing is set.
    func notation(group: String?) -> RecipeValue? {
        var entries: [RecipeValue.Entry] = []
        if let validation { entries.append(.init("validation", .double(validation))) }
        if let test { entries.append(.init("test", .double(test))) }
        if method != .random { entries.append(.init("by", .string(method.rawValue))) }
        if let group { entries.append(.init("group", .string(group))) }
        if let fold { entries += [.init("folds", .int(fold.count)), .init("fold", .int(fold.number))] }
        return entries.isEmpty ? nil : .map(entries)
    }
}
