import Batchwise
import TestSupport
import Testing

private struct ConvNet: Layer {
    var width = 32
    var dropout: Float = 0
    var body: some Layer {
        for filters in [width, 2 * width] {
            Conv2D(filters: filters, kernel: 3, padding: .same)
            ReLU()
            MaxPool2D(2)
        }
        Flatten()
        Dense(128)
        ReLU()
        if dropout > 0 { Dropout(dropout) }
        Dense(.classes).named("logits")
    }
}

private struct ScaleShift: PrimitiveLayer {
    func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        guard case .fixed(let width)? = x.shape.last else {
            throw .shape(at: graph.path, expected: "[batch, width]", found: x.shape)
        }
        let gain = graph.parameter("gain", [width], .ones)
        let shift = graph.parameter("shift", [width], .zeros)
        return x * gain + shift  // the gradient comes from the graph
    }
}

/// Programs that use the public library as a reader of its documentation would.
@Suite struct ProgramTests {
    @Test func aConvolutionalModelIsTrainedEvaluatedAndSaved() throws {
        let folder = try TemporaryFolder()
        let digits = Dataset.digits()
        let recipe = Recipe(
            model: ConvNet(),
            loss: .softmaxCrossEntropy,
            batch: Batch(size: 128),
            optimizer: .sgd(momentum: 0.9, nesterov: true),
            learningRate: .base(0.01, atBatch: 32, scaling: .linear).warmup(.epochs(5)).cosine(),
            epochs: 20, seed: 42)

        var trainer = try Trainer(recipe, data: digits.train)
        print(trainer.plan)
        var losses: [Double] = []
        let model = try trainer.run { update in
            if update.index.isMultiple(of: 12) { losses.append(update.loss) }
            return .proceed
        }
        let accuracy = try #require(model.evaluate(digits.test).accuracy)
        #expect(losses.count == 20 && accuracy > 0.95, "\(accuracy)")
        try model.save(folder.at("digits.safetensors"))
        let saved = try Model(contentsOf: folder.at("digits.safetensors"))
        #expect(saved.parametersSHA256 == model.parametersSHA256)
        #expect(saved.recipe.model is LayerList)
    }

    /// A layer under `if` is there when the condition is true, and nothing is there when it is false.
    @Test func aLayerUnderAConditionIsThereWhenItIsTrue() throws {
        let data = Dataset.digits().train.prefix(64)
        func fingerprint(_ dropout: Float) throws -> String {
            var trainer = try Trainer(Recipe(model: ConvNet(width: 2, dropout: dropout), epochs: 1), data: data)
            return try trainer.run().parametersSHA256
        }
        #expect(try fingerprint(0.5) != fingerprint(0))
        #expect(try fingerprint(0.5) == fingerprint(0.5))
    }

    @Test func aLayerOfTheProgramsOwnHasAGradient() throws {
        let digits = Dataset.digits()
        let recipe = Recipe(
            model: LayerList {
                Flatten()
                ScaleShift()
                Dense(.classes)
            }, epochs: 5)
        var trainer = try Trainer(recipe, data: digits.train)
        let start = trainer.model()
        #expect(start.parameter("1.gain")?.values == Array(repeating: 1, count: 64))
        #expect(start.parameter("1.shift")?.values == Array(repeating: 0, count: 64))
        let model = try trainer.run()
        #expect(model.parameter("1.gain")?.values != start.parameter("1.gain")?.values)
        #expect(model.parameter("1.shift")?.values != start.parameter("1.shift")?.values)
        #expect(try model.evaluate(digits.test).accuracy ?? 0 > 0.9)
    }

    /// The batches of an epoch from one in its middle on, read into the program's own memory.
    @Test func aProgramReadsTheBatchesOfAnEpoch() throws {
        let data = Dataset.digits().train
        let schedule = BatchSchedule(examples: data.count, batch: 128, last: .keep)
        let order = EpochOrder(count: data.count, seed: 42, epoch: 3)
        var memory = [Float](repeating: 0, count: 128 * data.featureCount)
        var read: [[Float]] = []
        for batch in 7..<schedule.batchesPerEpoch {
            let rows = schedule.rows(ofBatch: batch).map { order[$0] }
            try memory.withUnsafeMutableBufferPointer { try data.fill($0, rows: rows) }
            for row in rows.indices {
                read.append(Array(memory[row * data.featureCount..<(row + 1) * data.featureCount]))
            }
        }
        let expected = order.dropFirst(7 * 128).map { features(data, row: $0) }
        #expect(read == expected && read.count == 1_438 - 7 * 128)
    }
}
