extension DataSource {
    /// Reads `digits`, a path, or `{train: file.csv, target: price, split: {test: 0.2}}`.
    package init(notation: RecipeValue, at path: String = "data") throws(RecipeError) {
        var reader = try RecipeReader(notation, at: path, shorthand: "train")
        let trains = try reader.strings("train", "a file, a list of files, or digits")
        guard let train = trains.first else {
            throw reader.missing("train", "a file of examples, or digits")
        }
        let labels = try reader.strings("labels", "a file or a list of files")
        let tests = try reader.strings("test", "a file or a list of files")
        let testLabels = try reader.strings("test-labels", "a file or a list of files")
        self.init(
            train: train, format: try reader.choice("format", Format.self), labels: labels.first, test: tests.first,
            testLabels: testLabels.first, table: try reader.string("table", "a table"),
            query: try reader.string("query", "a SELECT statement"),
            window: try reader.int("window", in: 1...(1 << 16)), header: try reader.bool("header"),
            weights: try reader.string("weights", "a column"), task: try reader.choice("task", Task.self),
            standardise: try reader.bool("standardise") ?? true, images: try Images(&reader))
        continued.train = Array(trains.dropFirst())
        continued.labels = Array(labels.dropFirst())
        continued.test = Array(tests.dropFirst())
        continued.testLabels = Array(testLabels.dropFirst())
        targets = try reader.columns("target")
        ignore = try reader.columns("ignore")
        if let rules = reader.value("columns") {
            columns = try ColumnRule.rules(notation: rules, at: reader.at("columns"))
        }
        if let weights = reader.value("class-weights") {
            classWeights = try ClassWeights(notation: weights, at: reader.at("class-weights"))
        }
        if let split = reader.value("split") { try readSplit(split, at: reader.at("split")) }
        try reader.finish()
    }

    package var notation: RecipeValue {
        func files(_ first: String, _ rest: [String]) -> RecipeValue {
            rest.isEmpty ? .string(first) : .list(([first] + rest).map { .string($0) })
        }
        var entries: [RecipeValue.Entry] = [.init("train", files(train, continued.train))]
        func add(_ key: String, _ text: String?) { if let text { entries.append(.init(key, .string(text))) } }
        add("format", format?.rawValue)
        if let labels { entries.append(.init("labels", files(labels, continued.labels))) }
        if let test { entries.append(.init("test", files(test, continued.test))) }
        if let testLabels { entries.append(.init("test-labels", files(testLabels, continued.testLabels))) }
        add("table", table)
        add("query", query)
        if let window { entries.append(.init("window", .int(window))) }
        if targets.count > 1 {
            entries.append(.init("target", .list(targets.map { .string($0) })))
        } else {
            add("target", target)
        }
        if let splitNotation { entries.append(.init("split", splitNotation)) }
        if let header { entries.append(.init("header", .bool(header))) }
        add("weights", weights)
        if !ignore.isEmpty { entries.append(.init("ignore", .list(ignore.map { .string($0) }))) }
        if !columns.isEmpty { entries.append(.init("columns", ColumnRule.notation(of: columns))) }
        if let classWeights { entries.append(.init("class-weights", classWeights.notation)) }
        add("task", task?.rawValue)
        if !standardise { entries.append(.init("standardise", .bool(false))) }
        entries += images.entries
        return entries.count == 1 && continued.train.isEmpty ? .string(train) : .map(entries)
    }
}
