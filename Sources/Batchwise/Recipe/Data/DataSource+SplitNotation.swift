extension DataSource {
    /// Reads `{validation: 0.1, test: 0.2, by: stratified}`, `{test: 0.2, group: customer}` and `{folds: 5, fold: 2}`.
    mutating func readSplit(_ notation: RecipeValue, at path: String) throws(RecipeError) {
        var parts = try RecipeReader(notation, at: path)
        let expected = "a part from 0 to below 1"
        testFraction = try parts.double("test", expected, where: { $0 >= 0 && $0 < 1 })
        validationFraction = try parts.double("validation", expected, where: { $0 >= 0 && $0 < 1 })
        splitMethod = try parts.choice("by", Split.Method.self) ?? .random
        group = try parts.string("group", "a column")
        let folds = try parts.int("folds", in: 2...1000)
        let fold = try parts.int("fold", in: 1...(folds ?? 1000))
        try parts.finish()
        switch (folds, fold) {
        case (nil, nil): break
        case (let count?, let number?): self.fold = Split.Fold(number, of: count)
        case (nil, _): throw .missing(at: parts.at("folds"), expected: "how many folds there are")
        case (_, nil): throw .missing(at: parts.at("fold"), expected: "which fold is tested, from 1")
        }
    }

    /// What `readSplit` reads, or nil where nothing is said.
    var splitNotation: RecipeValue? {
        var entries: [RecipeValue.Entry] = []
        if let validationFraction { entries.append(.init("validation", .double(validationFraction))) }
        if let testFraction { entries.append(.init("test", .double(testFraction))) }
        if splitMethod != .random { entries.append(.init("by", .string(splitMethod.rawValue))) }
        if let group { entries.append(.init("group", .string(group))) }
        if let fold { entries += [.init("folds", .int(fold.count)), .init("fold", .int(fold.number))] }
        return entries.isEmpty ? nil : .map(entries)
    }
}
