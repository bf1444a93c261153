extension Asynchronous {
    private static let expectedDelay = "a whole number of updates from 0 to \(longestDelay), or a list of them"

    /// Reads `{delay: 3, staleness-aware: true}`, `{delay: [0, 1, 3]}`, `{bound: 8}`, `{backup: 1}`, `{backup: 1, workers:
    /// 8}` or `{hogwild: true}`; a bare number or list is the delay.
    package init(notation: RecipeValue, at path: String = "asynchronous") throws(RecipeError) {
        var reader = try RecipeReader(notation, at: path, shorthand: "delay")
        let delay = reader.value("delay")
        let bound = try reader.int("bound", in: 0...Self.longestDelay)
        let isHogwild = try reader.bool("hogwild") ?? false
        let aware = try reader.bool("staleness-aware") ?? false
        let backup = try reader.int("backup", in: 1...Self.mostWorkers - 1)
        let workers = try reader.int("workers", in: 2...Self.mostWorkers)
        try reader.finish()
        if let backup {
            guard delay == nil, bound == nil, !isHogwild, !aware else {
                throw .conflict(
                    "asynchronous.backup takes fresh gradients only, and goes with no other way of being late: remove the "
                        + "others or backup")
            }
            self.init(.backup(backup, workers: workers))
            return
        }
        guard workers == nil else {
            throw reader.missing("backup", "the number of the workers that an update does not wait for, such as 1")
        }
        guard !isHogwild else {
            guard delay == nil, bound == nil, !aware else {
                throw .conflict(
                    "asynchronous.hogwild counts no updates, and goes with no delay and no staleness-aware rate: remove "
                        + "the others or hogwild")
            }
            self.init(.hogwild)
            return
        }
        if let bound {
            guard delay == nil else {
                throw .conflict(
                    "asynchronous.delay is a script, and asynchronous.bound leaves staleness to chance: remove one of them"
                )
            }
            self.init(.server(bound: bound), stalenessAware: aware)
            return
        }
        guard let delay else {
            throw reader.missing("delay", "\(Self.expectedDelay); or bound, backup or hogwild in its place")
        }
        let items = if case .list(let items) = delay { items } else { [delay] }
        var delays: [Int] = []
        for item in items {
            guard case .int(let number) = item else {
                throw .value(at: "\(path).delay", expected: Self.expectedDelay, found: item.text)
            }
            delays.append(number)
        }
        self.init(.delays(delays), stalenessAware: aware)
    }

    /// The notation in a recipe.
    package var notation: RecipeValue {
        var entries: [RecipeValue.Entry] = []
        switch mode {
        case .delays(let delays):
            let numbers = delays.map { RecipeValue.int($0) }
            entries.append(.init("delay", numbers.count == 1 ? numbers[0] : .list(numbers)))
        case .server(let bound): entries.append(.init("bound", .int(bound)))
        case .backup(let backup, let workers):
            entries.append(.init("backup", .int(backup)))
            if let workers { entries.append(.init("workers", .int(workers))) }
        case .hogwild: entries.append(.init("hogwild", .bool(true)))
        }
        if stalenessAware { entries.append(.init("staleness-aware", .bool(true))) }
        return .map(entries)
    }

    /// Refuses what no asynchronous training can do, beside the other settings of a recipe.
    func check(_ recipe: Recipe) throws(RecipeError) {
        if case .backup(let backup, let workers) = mode { return try check(backup, workers, recipe) }
        guard recipe.sam == nil else {
            throw .conflict(
                "sam takes a second gradient uphill of the newest parameters, and asynchronous takes gradients of "
                    + "older ones: remove sam or asynchronous")
        }
        switch mode {
        case .delays(let delays):
            let wrong = delays.first { !(0...Self.longestDelay).contains($0) }
            guard !delays.isEmpty, wrong == nil else {
                throw .value(
                    at: "asynchronous.delay", expected: Self.expectedDelay,
                    found: wrong.map { "\($0)" } ?? "an empty list")
            }
        case .server(let bound):
            guard (0...Self.longestDelay).contains(bound) else {
                throw .value(
                    at: "asynchronous.bound", expected: "a whole number of updates from 0 to \(Self.longestDelay)",
                    found: "\(bound)")
            }
            try requirePlainSteps(recipe, "asynchronous.bound")
        case .backup: break
        case .hogwild:
            try requirePlainSteps(recipe, "asynchronous.hogwild")
            func require(_ holds: Bool, _ path: String, _ expected: String, _ found: String) throws(RecipeError) {
                if !holds { throw .value(at: path, expected: "\(expected) beside asynchronous.hogwild", found: found) }
            }
            try require(recipe.batch.size == 1, "batch.size", "1", "\(recipe.batch.size)")
            let decay = recipe.optimizer.rule.weightDecay
            try require(decay == 0, "optimizer.sgd.weight-decay", "none (it changes every weight)", "\(decay)")
            try require(recipe.groups.isEmpty, "groups", "none", "\(recipe.groups.count)")
        }
    }

    private func check(_ backup: Int, _ workers: Int?, _ recipe: Recipe) throws(RecipeError) {
        guard let workers else {
            guard recipe.sam == nil else {
                throw .value(at: "sam", expected: "none beside asynchronous.backup of processes", found: "a radius")
            }
            return try requirePlainSteps(recipe, "asynchronous.backup of processes")
        }
        guard (1..<min(max(workers, 1), Self.mostWorkers)).contains(backup) else {
            throw .value(
                at: "asynchronous.backup",
                expected: "a whole number from 1 to \(workers - 1), so that a worker is left",
                found: "\(backup)")
        }
        guard workers <= recipe.batch.size else {
            throw .value(
                at: "asynchronous.workers",
                expected: "at most the batch, \(recipe.batch.size) examples, so that each has one", found: "\(workers)")
        }
        guard recipe.batch.grow?.noiseRule == nil, recipe.learningRate.scaling != .adaScale else {
            throw .conflict(
                "asynchronous.backup leaves examples out, and a rule that measures the gradient's noise needs all: remove "
                    + "it or batch.grow.by and adascale")
        }
    }

    /// Refuses settings that are more than a step along the gradient of one batch.
    private func requirePlainSteps(_ recipe: Recipe, _ key: String) throws(RecipeError) {
        func refuse(_ path: String, _ expected: String, _ found: String) -> RecipeError {
            .value(at: path, expected: "\(expected) beside \(key)", found: found)
        }
        guard let sgd = recipe.optimizer.rule as? SGD else {
            throw refuse("optimizer", "sgd", recipe.optimizer.name)
        }
        guard sgd.momentum == 0 else { throw refuse("optimizer", "sgd without momentum", "momentum \(sgd.momentum)") }
        guard sgd.dampening == 0 else { throw refuse("optimizer", "sgd without dampening", "\(sgd.dampening)") }
        guard recipe.clip == nil else { throw refuse("clip", "none", "a bound") }
        guard recipe.average == nil else { throw refuse("average", "none", "an average") }
        guard recipe.batch.grow == nil else { throw refuse("batch.grow", "none", "a batch that grows") }
        guard recipe.learningRate.scaling != .adaScale else {
            throw refuse("learning-rate.scaling", "another rule", "adascale")
        }
    }
}
