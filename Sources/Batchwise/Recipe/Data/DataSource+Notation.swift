extension DataSource {
    /// Reads `digits`, a path, or `{train: file.csv, target: price, split: {test: 0.2}}`.
    ///
    /// - Throws: `RecipeError.conflict` where keys of different kinds of data stand beside each other.
    package init(notation: RecipeValue, at path: String = "data") throws(RecipeError) {
        var reader = try RecipeReader(notation, at: path, shorthand: "train")
        let train = try reader.strings("train", "a file, a list of files, or digits")
        guard !train.isEmpty else { throw reader.missing("train", "a file of examples, or digits") }
        var kind = try KindKeys(&reader)
        self.init(
            train: train, test: try reader.strings("test", "a file or a list of files"), kind: .automatic,
            task: try reader.choice("task", Task.self), standardise: try reader.bool("standardise") ?? true)
        if let weights = reader.value("class-weights") {
            classWeights = try ClassWeights(notation: weights, at: reader.at("class-weights"))
        }
        if let split = reader.value("split") {
            (self.split, kind.columns.group) = try Holdout.read(split, at: reader.at("split"))
        }
        try reader.finish()
        self.kind = try kind.kind(task: task)
        if train == [Self.digits], self.kind != .automatic { throw .conflict(Self.digitsAreComplete) }
    }

    /// The error where a recipe sets more than `split.validation` for the bundled digits.
    package static let digitsAreComplete =
        "the digits are complete: remove the other keys of data than split.validation"

    package var notation: RecipeValue {
        let keys = KindKeys(kind)
        var entries: [RecipeValue.Entry] = []
        func add(_ key: String, _ text: String?) { if let text { entries.append(.init(key, .string(text))) } }
        func add(_ key: String, _ texts: [String]) {
            guard texts.count > 1 else { return add(key, texts.first) }
            entries.append(.init(key, .list(texts.map { .string($0) })))
        }
        add("train", train)
        add("format", keys.format?.rawValue)
        add("labels", keys.labels.train)
        add("test", test)
        add("test-labels", keys.labels.test)
        add("table", keys.table)
        add("query", keys.query)
        if let window = keys.window { entries.append(.init("window", .int(window))) }
        add("target", keys.columns.targets)
        if let split = split.notation(group: keys.columns.group) { entries.append(.init("split", split)) }
        if let header = keys.columns.header { entries.append(.init("header", .bool(header))) }
        if keys.columns.badLines != .refuse { add("bad-lines", keys.columns.badLines.rawValue) }
        add("decimal", keys.columns.decimal?.rawValue)
        add("dates", keys.columns.dates?.rawValue)
        add("encoding", keys.columns.form.encoding?.rawValue)
        add("separator", keys.columns.form.separator?.notation)
        add("quote", keys.columns.form.quote?.rawValue)
        add("escape", keys.columns.form.escape?.rawValue)
        add("weights", keys.columns.weights)
        if !keys.columns.ignore.isEmpty {
            entries.append(.init("ignore", .list(keys.columns.ignore.map { .string($0) })))
        }
        if !keys.columns.rules.isEmpty {
            entries.append(.init("columns", ColumnRule.notation(of: keys.columns.rules)))
        }
        if let classWeights { entries.append(.init("class-weights", classWeights.notation)) }
        add("task", task?.rawValue)
        if !standardise { entries.append(.init("standardise", .bool(false))) }
        add("images", keys.imageColumn)
        add("images-folder", keys.imageFolder)
        entries += keys.images.entries
        add("channels", keys.channelAxis?.rawValue)
        return entries.count == 1 && train.count == 1 ? .string(train[0]) : .map(entries)
    }
}
