import CKernels
import Foundation
import Testing

@testable import Batchwise

/// A quantity that gives |g_i|^2 of every example, for each trained parameter.
struct ExampleNorms: Quantity {
    var name: String { "example_norms" }
    var needs: UpdateNeeds { .exampleNorms }
    func value(of update: borrowing MeasuredUpdate) throws -> [[Double]]? {
        var norms: [[Double]] = []
        for parameter in 0..<update.parameterCount {
            norms.append([])
            for example in 0..<update.exampleCount {
                norms[parameter].append(try update.squaredNorm(.example(example), of: parameter))
            }
        }
        return norms
    }
}

/// A quantity that gives the squared norm of every lane's mean gradient, for each trained parameter.
struct LaneNorms: Quantity {
    var name: String { "lane_norms" }
    var needs: UpdateNeeds { .laneNorms }
    func value(of update: borrowing MeasuredUpdate) throws -> [[Double]]? {
        var norms: [[Double]] = []
        for parameter in 0..<update.parameterCount {
            norms.append([])
            for lane in 0..<update.laneCount {
                norms[parameter].append(try update.squaredNorm(.lane(lane), of: parameter))
            }
        }
        return norms
    }
}

/// Squared norms of single examples' and lanes' gradients, against the interpreter in Double.
@Suite struct PartNormsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var shape = [12]
        var model: LayerList
        /// The number of ids, where the features are ids; nil where they are numbers.
        var vocabulary: Int?
        var isSparse = false
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "linear", model: layers(Dense(.classes))),
        Case(name: "dense", model: layers(Dense(90), Tanh(), Dropout(0), Dense(20), SiLU(), Dense(.classes))),
        Case(name: "sparse", shape: [40], model: layers(Dense(70), Tanh(), Dense(.classes)), isSparse: true),
        Case(name: "narrow sparse", shape: [40], model: layers(Dense(.classes)), isSparse: true),
        Case(
            name: "convolutions", shape: [6, 6, 2],
            model: layers(
                Conv2D(filters: 4, kernel: 3, padding: .same), GroupNorm(groups: 2), SiLU(), MaxPool2D(2),
                Conv2D(filters: 6, kernel: 2, groups: 2), Tanh(), Flatten(), Dense(.classes))),
        Case(
            name: "embedding", shape: [6],
            model: layers(
                Embedding(vocabulary: 7, width: 20), LayerNorm(), Dense(8), Tanh(), Flatten(), Dense(.classes)),
            vocabulary: 7),
        Case(name: "layer norm", model: layers(Dense(18), LayerNorm(), GELU(), Dense(.classes))),
        Case(name: "frozen", model: layers(Dense(18).frozen(), Tanh(), Dense(18), Tanh(), Dense(.classes))),
        Case(name: "one weight used three times", shape: [4], model: layers(Tied(), Dense(.classes))),
    ]

    static let batch = Batch(size: 22, grain: 4, lanes: 3)

    static func recipe(_ example: Case) -> Recipe {
        Recipe(
            model: example.model, batch: batch, optimizer: .sgd(momentum: 0.9),
            learningRate: .constant(0.05), epochs: 2, seed: 5)
    }

    /// Unequal weights, one of them 0.
    static func data(_ example: Case) throws -> Dataset {
        var numbers = TestNumbers(example.name)
        let (count, width) = (40, example.shape.reduce(1, *))
        let features = (0..<count * width).map { _ in
            if let vocabulary = example.vocabulary { return Float(numbers.below(vocabulary)) }
            return example.isSparse && numbers.uniform() > 0.06 ? 0 : Float(numbers.normal())
        }
        let classes = (0..<count).map { _ in numbers.below(5) }
        let weights = (0..<count).map { $0 == 8 ? 0 : Float(0.2 + 2 * numbers.uniform()) }
        let names = (0..<5).map(String.init)
        if example.isSparse {
            return try Dataset(
                sparse: SparseRows(dense: features, width: width), classes: classes, names: names, weights: weights)
        }
        return try Dataset(
            features: features, shape: example.shape, classes: classes, names: names, weights: weights)
    }

    /// A trainer whose parameters are all away from 0.
    static func trainer(
        _ example: Case, _ quantities: [any Quantity], _ machine: Machine = Machine(threads: 1), _ recipe: Recipe? = nil
    ) throws -> Trainer {
        let trainer = try Trainer(
            recipe ?? Self.recipe(example), data: data(example), machine: machine, quantities: quantities)
        var numbers = TestNumbers("parameters")
        trainer.trained.setParameters(
            trainer.trained.layout.parameters.map { parameter in
                (0..<parameter.count).map { _ in
                    Float(parameter.initialisation == .ones ? 0.6 + numbers.uniform() : 0.4 * numbers.normal())
                }
            })
        trainer.engine?.flipMirrors()
        return trainer
    }

    /// Gradients of the weighted mean loss over some examples of the data, in Double.
    struct Oracle {
        let graph: Graph
        let parameters: [[Double]]
        let data: Dataset
        let features: [Float]

        init(_ example: Case, _ trainer: borrowing Trainer) throws {
            data = try PartNormsTests.data(example)
            graph = try Trainer.prepare(trainer.recipe, data: data, machine: Machine(threads: 1)).graph
            parameters = trainer.trained.parameterValues.map { $0.map(Double.init) }
            var features = [Float](repeating: 0, count: data.count * data.featureCount)
            let source = data
            try features.withUnsafeMutableBufferPointer { try source.fill($0, rows: 0..<source.count) }
            self.features = features
        }

        func values(
            _ examples: [Int], weights: [Double], meanWeight: Double? = nil, parameters: [[Double]]? = nil
        ) -> Interpreter<Double>.Values {
            guard case .classes(let classes, _) = data.targets else { fatalError("the cases have classes") }
            let width = data.featureCount
            let batch = Interpreter<Double>.Batch(
                inputs: examples.flatMap { features[$0 * width..<($0 + 1) * width].map(Double.init) },
                targets: examples.map { Double(classes[$0]) }, weights: weights, meanWeight: meanWeight)
            return Interpreter(graph: graph, parameters: parameters ?? self.parameters).run(batch, rows: examples.count)
        }

        /// The mean weight of the data.
        var meanWeight: Double {
            let weights = data.weights ?? [1]
            return weights.reduce(0) { $0 + Double($1) } / Double(weights.count)
        }

        /// For each trained parameter, the squared norm.
        func squares(_ examples: [Int], weights: [Double], meanWeight: Double? = nil) -> [Double] {
            let values = values(examples, weights: weights, meanWeight: meanWeight)
            return graph.gradients.map { values.gradient(of: $0.parameter)?.reduce(0) { $0 + $1 * $1 } ?? .nan }
        }
    }

    /// |a - b| against b, or against a ten thousandth of the largest b where b has cancelled to almost 0.
    static func difference(_ found: [[Double]], _ expected: [[Double]]) -> Double {
        guard found.map(\.count) == expected.map(\.count) else { return .infinity }
        var largest = 0.0
        for (found, expected) in zip(found, expected) {
            let scale = 1e-4 * (expected.max() ?? 0)
            for (a, b) in zip(found, expected) {
                let difference = abs(a - b) / max(b, scale, .leastNormalMagnitude)
                largest = difference.isNaN ? .infinity : max(largest, difference)
            }
        }
        return largest
    }

    /// The norm of each example's neighbour in its place.
    static func shifted(_ norms: [[Double]]) -> [[Double]] { norms.map { Array($0.dropFirst()) + [$0[0]] } }

    static func transposed(_ rows: [[Double]]) -> [[Double]] {
        (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column] } }
    }

    // MARK: Values

    @Test(arguments: cases)
    func normsOfExamplesAreThoseOfBatchesOfOne(example: Case) throws {
        var trainer = try Self.trainer(example, [ExampleNorms()])
        let oracle = try Oracle(example, trainer)
        let order = (0..<Self.batch.size).map { trainer.order[$0] }
        let weights = try #require(oracle.data.weights)
        #expect(order.contains(8), "the batch has the example of weight 0")
        let none = [Double](repeating: 0, count: oracle.graph.gradients.count)
        let expected = Self.transposed(order.map { weights[$0] == 0 ? none : oracle.squares([$0], weights: [1]) })
        let measured = try trainer.update().measurements[ExampleNorms()]
        let found = try #require(measured)
        #expect(found.count == oracle.graph.gradients.count)
        // slopes a hundredth of the largest are float32 differences near 1: 2 * 6e-8 / 1e-2 in their squares, and a few
        // roundings more
        #expect(Self.difference(found, expected) <= 2e-5)
        // the neighbour's norm and the norm with the weight differ from the right one
        #expect(Self.difference(Self.shifted(found), expected) > 1e-2)
        let factors = order.map { Double(weights[$0]) * Double(weights[$0]) }
        let weighted = found.map { norms in zip(norms, factors).map { $0 * $1 } }
        #expect(Self.difference(weighted, expected) > 1e-2)
    }

    /// A sum over places is squared as a whole, because the sum of the squares of places is another number.
    @Test(arguments: cases.filter { ["convolutions", "embedding"].contains($0.name) })
    func placesAreAddedUpBeforeTheyAreSquared(example: Case) throws {
        var trainer = try Self.trainer(example, [ExampleNorms()])
        let oracle = try Oracle(example, trainer)
        let examples = (0..<Self.batch.size).map { trainer.order[$0] }
        let measured = try trainer.update().measurements[ExampleNorms()]
        let found = try #require(measured)
        let values = examples.map { oracle.values([$0], weights: [1]) }
        var seen = 0
        for (place, gradient) in oracle.graph.gradients.enumerated() {
            let node = oracle.graph.nodes[gradient.reductions[0]]
            let dy = node.inputs[node.inputs.count - 1]
            switch node.operation {
            case .sumRows where oracle.graph.shape(dy).elements > node.shape.elements, .embeddingGradient: break
            default: continue
            }
            // by more than a hundredth for some example, however the places of others happen to lie
            let differs = zip(values, found[place]).contains { values, norm in
                let squares = values[dy].reduce(0) { $0 + $1 * $1 }
                return abs(squares - norm) > 1e-2 * squares
            }
            #expect(differs)
            seen += 1
        }
        #expect(seen >= 1)
    }

    @Test(arguments: cases)
    func normsOfLanesAreThoseOfTheirExamples(example: Case) throws {
        var trainer = try Self.trainer(example, [LaneNorms()])
        let oracle = try Oracle(example, trainer)
        let order = (0..<Self.batch.size).map { trainer.order[$0] }
        let weights = try #require(oracle.data.weights)
        // 22 examples are six grains of 4: two a lane
        let lanes = [0..<8, 8..<16, 16..<22]
        let expected = Self.transposed(
            lanes.map { lane in
                oracle.squares(
                    Array(order[lane]), weights: lane.map { Double(weights[order[$0]]) }, meanWeight: oracle.meanWeight)
            })
        let measured = try trainer.update().measurements[LaneNorms()]
        let found = try #require(measured)
        #expect(Self.difference(found, expected) <= 1e-5)
        #expect(Self.difference(found.map { $0.reversed() }, expected) > 1e-2)
    }

    /// Batches of one, also where the first layer takes its step without a gradient.
    @Test func aBatchOfOneIsAnExampleAndALane() throws {
        let example = Self.cases[1]
        var recipe = Self.recipe(example)
        recipe.batch = Batch(size: 1)
        var trainer = try Self.trainer(
            example, [ExampleNorms(), LaneNorms(), GradientNorm()], Machine(threads: 1), recipe)
        let oracle = try Oracle(example, trainer)
        let weights = try #require(oracle.data.weights)
        for _ in 0..<5 {
            let weight = weights[trainer.order[trainer.progress.batch]]
            if weight == 0 { break }
            let report = try trainer.update()
            let examples = try #require(report.measurements[ExampleNorms()])
            let lanes = try #require(report.measurements[LaneNorms()])
            // a lane has its example's weight, over the mean of the training set
            let factor = Double(weight) / oracle.meanWeight
            let weighted = examples.map { $0.map { factor * factor * $0 } }
            #expect(Self.difference(weighted, lanes) <= 1e-5)
            let norm = try #require(report.measurements[GradientNorm()])
            let sum: Double = lanes.reduce(0.0) { $0 + $1[0] }
            #expect(abs(sum - norm * norm) <= 1e-6 * norm * norm)
        }
    }

    // MARK: Bits

    @Test(arguments: cases)
    func sameBitsForAnyThreadsAndMicroBatch(example: Case) throws {
        func found(_ machine: Machine) throws -> (norms: [[[Double]]], hash: String) {
            var trainer = try Self.trainer(example, [ExampleNorms(), LaneNorms()], machine)
            var norms: [[[Double]]] = []
            while !trainer.isFinished {
                let report = try trainer.update()
                norms.append(try #require(report.measurements[ExampleNorms()]))
                norms.append(try #require(report.measurements[LaneNorms()]))
            }
            return (norms, trainer.model().parametersSHA256)
        }
        let expected = try found(Machine(threads: 1))
        var plain = try Self.trainer(example, [])
        #expect(try plain.run().parametersSHA256 == expected.hash)
        for threads in 1...4 {
            for microBatch in [nil, 4, 8] {
                let found = try found(Machine(threads: threads, microBatch: microBatch))
                let same = found.norms == expected.norms
                #expect(same, "\(threads) threads, micro-batch \(microBatch ?? 0)")
                #expect(found.hash == expected.hash)
            }
        }
    }

    // MARK: bfloat16

    /// Rows that stand in pairs are told apart.
    @Test(.enabled(if: bw_has_bfloat16() != 0))
    func bfloat16RowsAreTakenApart() throws {
        let example = Self.cases[1]
        var recipe = Self.recipe(example)
        recipe.precision = .bfloat16
        var trainer = try Self.trainer(example, [ExampleNorms(), LaneNorms()], Machine(threads: 2), recipe)
        var exact = try Self.trainer(example, [ExampleNorms(), LaneNorms()])
        let (found, expected) = (try trainer.update().measurements, try exact.update().measurements)
        let examples = (try #require(found[ExampleNorms()]), try #require(expected[ExampleNorms()]))
        #expect(Self.difference(examples.0, examples.1) < 0.1)
        #expect(Self.difference(Self.shifted(examples.0), examples.1) > 0.1)
        #expect(Self.difference(try #require(found[LaneNorms()]), try #require(expected[LaneNorms()])) < 0.1)
    }
}
