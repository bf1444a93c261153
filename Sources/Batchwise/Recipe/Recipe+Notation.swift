import Foundations

extension Recipe {
    /// Reads the keys of a recipe. Without a model, images get `cnn` and everything else `mlp` when the data is known:
    /// until then the model is empty, see `completed(for:)`.
    package init(notation: RecipeValue, layers: LayerRegistry = LayerRegistry()) throws(RecipeError) {
        var reader = try RecipeReader(notation, at: "")
        let data = try reader.value("data").map { value throws(RecipeError) in try DataSource(notation: value) }
        let start = try reader.value("from").map { value throws(RecipeError) in try StartingModel(notation: value) }
        let model: any Layer =
            try reader.value("model").map { value throws(RecipeError) in
                try LayerList(notation: value, layers: layers)
            } ?? LayerList([])
        let loss = try reader.value("loss").map { value throws(RecipeError) in try Loss(notation: value) }
        let batch = try Batch(notation: reader.value("batch") ?? .null)
        let named = try reader.value("optimizer").map { value throws(RecipeError) in try Optimizer(notation: value) }
        let optimizer = named ?? Self.usualOptimizer
        let ascent = reader.value("sam")
        let sam: SAM? =
            switch ascent {
            case nil, .null?, .string("none")?: nil
            case let value?: try SAM(notation: value)
            }
        let said = reader.value("learning-rate")
        let rate = try LearningRate(notation: said ?? .null, usual: optimizer.defaultLearningRate)
        let epochs = try reader.int("epochs", in: 1...1_000_000)
        let lengthened = try reader.wholeNumbers("lengthened")
        let seed = try reader.int("seed", in: 0...Int.max) ?? 42
        let precision = try reader.choice("precision", Precision.self) ?? .float32
        let augmentation = try reader.value("augment").map { value throws(RecipeError) in
            try Augmentation(notation: value)
        }
        let rule = reader.value("early-stopping")
        let stopping =
            rule == .string("none")
            ? nil
            : try rule.map { value throws(RecipeError) in
                try EarlyStopping(notation: value)
            }
        let kept = try reader.value("keep").map { value throws(RecipeError) in try KeptModel(notation: value) }
        let bound = reader.value("clip")
        let clip: Clipping? =
            switch bound {
            case nil, .null?, .string("none")?: nil
            case let value?: try Clipping(notation: value)
            }
        let groups = try reader.value("groups").map { value throws(RecipeError) in
            try ParameterGroup.list(notation: value)
        }
        let frozen = try reader.patterns("freeze").map { ParameterGroup(match: $0, freeze: true) }
        let average = try reader.value("average").map { value throws(RecipeError) in
            try WeightAverage(notation: value)
        }
        let replicas = try reader.value("replicas").map { value throws(RecipeError) in
            try Replicas(notation: value)
        }
        let lateness = reader.value("asynchronous")
        let asynchronous: Asynchronous? =
            switch lateness {
            case nil, .null?, .string("none")?: nil
            case let value?: try Asynchronous(notation: value)
            }
        try reader.finish()
        self.init(
            data: data, model: LayerList(of: model), loss: loss, batch: batch, optimizer: named,
            learningRate: said.map { _ in rate }, epochs: epochs, seed: UInt64(seed), precision: precision,
            augmentation: augmentation ?? Augmentation(), earlyStopping: stopping, keptModel: kept ?? .last,
            clip: clip, groups: (groups ?? []) + frozen, average: average, sam: sam, replicas: replicas,
            asynchronous: asynchronous, startingModel: start)
        self.lengthened = lengthened
        if bound != nil { open.remove(.clip) }
        if rule != nil || kept != nil { open.remove(.stopping) }
        try check()
    }

    /// The recipe with the settings that depend on its data filled in, as far as numbers without names tell.
    package func completed(for data: Dataset) throws(RecipeError) -> Recipe {
        var recipe = choosing(
            examples: batch.sampling?.examples ?? data.count, isClassification: data.classCount != nil
        ).recipe
        if let list = model as? LayerList, list.layers.isEmpty {
            // two halvings need four pixels a side
            let isImage = data.featureShape.count == 3 && data.featureShape.prefix(2).allSatisfy { $0 >= 4 }
            // as many words as a language has: a hidden layer would have millions of weights for each unit
            let isWide = if case .sparse = data.features { data.featureCount > 1 << 14 } else { false }
            recipe.model = try LayerList(notation: .string(isImage ? "cnn" : isWide ? "linear" : "mlp"))
        }
        if loss == nil {
            recipe.loss = if case .classes = data.targets { .softmaxCrossEntropy } else { .meanSquaredError() }
        }
        return recipe
    }

    /// The recipe as keys and values. Throws for layers, a loss or an optimizer of the program's own.
    package func notation() throws(RecipeError) -> RecipeValue {
        guard seed <= UInt64(Int.max) else {
            throw .notWritable("a recipe file holds seeds up to \(Int.max), and this one is \(seed)")
        }
        var entries: [RecipeValue.Entry] = []
        if let data { entries.append(.init("data", data.notation)) }
        if let startingModel { entries.append(.init("from", startingModel.notation)) }
        entries.append(.init("model", try LayerList(of: model).notation()))
        if let loss { entries.append(.init("loss", try loss.notation)) }
        entries += [
            .init("batch", batch.notation)
        ]
        if !open.contains(.optimizer) { entries.append(.init("optimizer", try optimizer.notation)) }
        if let sam { entries.append(.init("sam", sam.notation)) }
        if !open.contains(.learningRate) { entries.append(.init("learning-rate", learningRate.notation)) }
        if !open.contains(.epochs) { entries.append(.init("epochs", .int(epochs))) }
        if !lengthened.isEmpty { entries.append(.init("lengthened", .list(lengthened.map { .int($0) }))) }
        entries.append(.init("seed", .int(Int(seed))))
        if let clip, !open.contains(.clip) { entries.append(.init("clip", clip.notation)) }
        if !groups.isEmpty { entries.append(.init("groups", .list(groups.map(\.notation)))) }
        if let average { entries.append(.init("average", average.notation)) }
        if let replicas { entries.append(.init("replicas", replicas.notation)) }
        if let asynchronous { entries.append(.init("asynchronous", asynchronous.notation)) }
        if !augmentation.steps.isEmpty { entries.append(.init("augment", augmentation.notation)) }
        if let earlyStopping { entries.append(.init("early-stopping", earlyStopping.notation)) }
        if !open.contains(.stopping) { entries.append(.init("keep", keptModel.notation)) }
        if precision != .float32 { entries.append(.init("precision", .string(precision.rawValue))) }
        return .map(entries)
    }
}

extension Batch {
    init(notation: RecipeValue) throws(RecipeError) {
        var reader = try RecipeReader(notation, at: "batch", shorthand: "size")
        size = try reader.int("size", in: 1...(1 << 30)) ?? 32
        grain = try reader.int("grain", in: 1...(1 << 30))
        lanes = try reader.int("lanes", in: 1...4096)
        last = try reader.choice("last", LastBatch.self) ?? .keep
        block = try reader.int("block", in: 1...(1 << 30))
        sampling = try reader.value("sampling").map { value throws(RecipeError) in
            try Sampling(notation: value, at: "batch.sampling")
        }
        grow = try reader.value("grow").map { value throws(RecipeError) in
            try BatchGrowth(notation: value, at: "batch.grow")
        }
        try reader.finish()
    }

    var notation: RecipeValue {
        var entries: [RecipeValue.Entry] = [.init("size", .int(size))]
        if let grain { entries.append(.init("grain", .int(grain))) }
        if let lanes { entries.append(.init("lanes", .int(lanes))) }
        entries.append(.init("last", .string(last.rawValue)))
        if let block { entries.append(.init("block", .int(block))) }
        if let sampling { entries.append(.init("sampling", sampling.notation)) }
        if let grow { entries.append(.init("grow", grow.notation)) }
        return .map(entries)
    }
}

extension Loss {
    /// Reads `softmax-cross-entropy`, `{softmax-cross-entropy: {label-smoothing: 0.1}}`, `binary-cross-entropy`, `mse`,
    /// `{mse: {half: true}}`, `huber`, `{huber: {delta: 1.0}}`.
    package init(notation: RecipeValue, at path: String = "loss") throws(RecipeError) {
        let name: String
        let value: RecipeValue
        switch notation {
        case .string(let text): (name, value) = (text, .null)
        case .map(let entries) where entries.count == 1: (name, value) = (entries[0].key, entries[0].value)
        default: throw .value(at: path, expected: "the name of a loss", found: notation.text)
        }
        var reader = try RecipeReader(value, at: "\(path).\(name)")
        switch name {
        case "softmax-cross-entropy":
            let smoothing = try reader.double(
                "label-smoothing", "a number from 0 to below 1", where: { $0 >= 0 && $0 < 1 })
            self = .softmaxCrossEntropy(labelSmoothing: Float(smoothing ?? 0))
        case "binary-cross-entropy": self = .binaryCrossEntropy
        case "mse": self = .meanSquaredError(half: try reader.bool("half") ?? false)
        case "huber":
            self = .huber(delta: Float(try reader.double("delta", "a number above 0", where: { $0 > 0 }) ?? 1))
        default:
            let known = ["softmax-cross-entropy", "binary-cross-entropy", "mse", "huber"]
            throw .unknownKey(at: path, key: name, nearest: nearestName(to: name, in: known), known: known)
        }
        try reader.finish()
    }

    /// The notation of the loss in a recipe. Throws `RecipeError` for a loss of the program's own, which no file can
    /// hold.
    package var notation: RecipeValue {
        get throws(RecipeError) {
            switch self {
            case .softmaxCrossEntropy(0): .string("softmax-cross-entropy")
            case .softmaxCrossEntropy(let smoothing):
                .map([.init("softmax-cross-entropy", .map([.init("label-smoothing", .decimal(smoothing))]))])
            case .binaryCrossEntropy: .string("binary-cross-entropy")
            case .meanSquaredError(false): .string("mse")
            case .meanSquaredError(true): .map([.init("mse", .map([.init("half", .bool(true))]))])
            case .huber(let delta): .map([.init("huber", .map([.init("delta", .decimal(delta))]))])
            case .ofProgram(let program):
                throw .notWritable("\(program.name) is a loss of the program's own: a recipe file cannot hold it")
            }
        }
    }
}
