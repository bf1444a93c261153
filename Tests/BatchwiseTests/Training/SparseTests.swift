import Testing

@testable import Batchwise

/// Sparse rows give the same bits as the same rows with their zeros.
@Suite struct SparseTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var model: LayerList
        var optimizer = Optimizer.sgd(momentum: 0.9)
        var isReadAsItIs = true
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "narrow", model: LayerList { Dense(.classes) }),
        Case(
            name: "wide",
            model: LayerList {
                Dense(150)
                ReLU()
                Dense(.classes)
            },
            optimizer: .adamW(weightDecay: 0.01)),
        Case(
            name: "no bias",
            model: LayerList {
                Dense(70, bias: false)
                Tanh()
                Dense(.classes)
            }, optimizer: .sgd()),
        Case(
            name: "dropout of the input",
            model: LayerList {
                Dropout(0.3)
                Dense(.classes)
            }, isReadAsItIs: false),
        Case(
            name: "three layers",
            model: LayerList {
                Dense(64)
                ReLU()
                Dense(32)
                ReLU()
                Dense(.classes)
            }),
    ]

    @Test(arguments: cases, [1, 5, 64])
    func sparseRowsGiveTheBitsOfPlainOnes(example: Case, batch: Int) throws {
        let width = 90
        let numbers = sparseNumbers(rows: 210, width: width, one: 23)
        let classes = (0..<210).map { ($0 * 7 + $0 / 5) % 4 }
        let plain = try Dataset(features: numbers, shape: [width], classes: classes)
        let sparse = try Dataset(sparse: SparseRows(dense: numbers, width: width), classes: classes)
        let recipe = Recipe(
            model: example.model, loss: .softmaxCrossEntropy(), batch: Batch(size: batch),
            optimizer: example.optimizer, learningRate: .constant(0.01), epochs: 2)
        var trainer = try Trainer(recipe, data: sparse, machine: Machine(threads: 2))
        #expect((trainer.engine?.program.input == nil) == example.isReadAsItIs)
        let model = try trainer.run()
        var other = try Trainer(recipe, data: plain, machine: Machine(threads: 1))
        let expected = try other.run()
        #expect(model.parametersSHA256 == expected.parametersSHA256)
        #expect(try model.outputs(for: sparse) == expected.outputs(for: plain))
        #expect(try model.evaluate(sparse) == expected.evaluate(plain))
        var cut = try Trainer(recipe, data: sparse, machine: Machine(threads: 1, microBatch: 16))
        #expect(try cut.run().parametersSHA256 == expected.parametersSHA256)
        // the negative control: other rows give other bits
        let changed = try Dataset(sparse: SparseRows(dense: numbers.map { $0 * 1.5 }, width: width), classes: classes)
        #expect(try model.outputs(for: changed) != expected.outputs(for: plain))
    }

    @Test(arguments: [
        ([0, 1], [Int32](), [Float]([1]), 3, "1 columns expected, 0 found"),
        ([0, 2], [2, 1], [1, 1], 3, "row 0 (from 0): columns must ascend within 0..<3, and 1 does not"),
        ([0, 0, 1], [3], [1], 3, "row 1 (from 0): columns must ascend within 0..<3, and 3 does not"),
        ([0, 0, 1], [-1], [1], 3, "row 1 (from 0): columns must ascend within 0..<3, and -1 does not"),
        ([0, 2, 1], [0], [1], 3, "row 0 (from 0): starts must not descend"),
        ([0, 1, 0, 1], [0], [1], 3, "row 1 (from 0): starts must not descend"),
        ([1, 1], [0], [1], 3, "row 0 (from 0): starts must run from 0 to the number of values"),
        ([0, 1], [0], [.infinity], 3, "example 0 (from 0): inf among its features"),
        ([0], [], [], 3, "no examples"),
        ([0, 0], [], [], 0, "[0] is not a shape: every dimension must be at least 1"),
    ])
    func brokenRowsAreNamed(starts: [Int], columns: [Int32], values: [Float], width: Int, message: String) {
        do {
            _ = try SparseRows(starts: starts, columns: columns, values: values, width: width)
            Issue.record("accepted")
        } catch { #expect(error.description == message) }
    }

    /// Rows with many numbers are spread, and give the same bits too.
    @Test func fullRowsAreSpread() throws {
        let numbers = sparseNumbers(rows: 90, width: 30, one: 3)
        let classes = (0..<90).map { $0 % 3 }
        let recipe = Recipe(
            model: LayerList { Dense(.classes) }, loss: .softmaxCrossEntropy(), batch: Batch(size: 8),
            learningRate: .constant(0.01), epochs: 1)
        var trainer = try Trainer(
            recipe, data: try Dataset(sparse: SparseRows(dense: numbers, width: 30), classes: classes))
        #expect(trainer.engine?.program.input != nil)
        var plain = try Trainer(recipe, data: try Dataset(features: numbers, shape: [30], classes: classes))
        #expect(try trainer.run().parametersSHA256 == plain.run().parametersSHA256)
    }

    /// Rows in which one number in so many is not zero.
    private func sparseNumbers(rows: Int, width: Int, one part: UInt64) -> [Float] {
        (0..<rows * width).map {
            let word = CounterRandom.mix(UInt64($0) &+ 77)
            return word % part == 0 ? Float(word >> 40) / Float(1 << 24) - 0.4 : 0
        }
    }
}

extension SparseRows {
    /// The rows of a plain matrix.
    init(dense: [Float], width: Int) throws {
        var (starts, columns, values) = ([0], [Int32](), [Float]())
        for row in stride(from: 0, to: dense.count, by: width) {
            for column in 0..<width where dense[row + column] != 0 {
                columns.append(Int32(column))
                values.append(dense[row + column])
            }
            starts.append(values.count)
        }
        try self.init(starts: starts, columns: columns, values: values, width: width)
    }
}
