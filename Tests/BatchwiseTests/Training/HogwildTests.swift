import CKernels
import Testing

@testable import Batchwise

/// Threads that change the weights of a sparse linear model without locks.
@Suite struct HogwildTests {
    /// 4000 examples of 500 features, eight of them in each, in classes that a linear model tells.
    static func data(_ count: Int = 4000) throws -> Dataset {
        var numbers = TestNumbers("hogwild \(count)")
        let (width, most) = (500, 8)
        let truth = numbers.normals(width)
        var (starts, columns, values, classes) = ([0], [Int32](), [Float](), [Int32]())
        for _ in 0..<count {
            var own: Set<Int> = []
            while own.count < most { own.insert(numbers.below(width)) }
            var score = 0.0
            for column in own.sorted() {
                let value = numbers.normal()
                score += truth[column] * value
                columns.append(Int32(column))
                values.append(Float(value))
            }
            starts.append(columns.count)
            classes.append(score > 0 ? 1 : 0)
        }
        return try Dataset(
            count: count, featureShape: [width],
            features: .sparse(SparseRows(starts: starts, columns: columns, values: values, width: width)),
            targets: .classes(classes, names: ["no", "yes"]))
    }

    static func recipe(_ loss: Loss = .binaryCrossEntropy, _ asynchronous: Asynchronous? = .init(.hogwild)) -> Recipe {
        Recipe(
            model: LayerList { Dense(.classes) }, loss: loss, batch: Batch(size: 1), optimizer: .sgd,
            learningRate: LearningRate(base: 0.05), epochs: 3, asynchronous: asynchronous)
    }

    @Test(arguments: [Loss.binaryCrossEntropy, .softmaxCrossEntropy(labelSmoothing: 0.1)])
    func oneThreadComesToTheBitsOfTheExactMode(loss: Loss) throws {
        let data = try Self.data(700)
        var exact = try Trainer(Self.recipe(loss, nil), data: data, machine: Machine(threads: 1))
        var alone = try Trainer(Self.recipe(loss), data: data, machine: Machine(threads: 1))
        #expect(exact.linear != nil && alone.linear != nil && alone.hogwild == nil)
        #expect(alone.plan.notices.contains { $0.contains("has the bits of the recipe without asynchronous") })
        #expect(!alone.plan.notices.contains { $0.contains("no two runs are alike") })
        var (expected, found) = ([UpdateReport](), [UpdateReport]())
        try exact.run(updates: 1000) { expected.append($0) }
        try alone.run(updates: 1000) { found.append($0) }
        #expect(found == expected)
        #expect(try alone.run().parametersSHA256 == exact.run().parametersSHA256)
    }

    /// With nobody beside it, the kernel of a thread differs from the exact one by the order of sums alone.
    @Test(arguments: [1, 2]) func theKernelAloneComesToTheExactNumbers(outputs: Int) throws {
        let data = try Self.data(64)
        guard case .classes(let classes, _) = data.targets else { return }
        let width = data.featureCount
        func trained(
            _ update: (bw_linear, UnsafePointer<UInt64>, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Int
        )
            -> [Float]
        {
            var weights = [Float](repeating: 0, count: width * outputs)
            var (bias, losses) = ([Float](repeating: 0, count: outputs), [Float](repeating: 0, count: 128))
            var row = [Float](repeating: 0, count: width + Int(BW_SLACK))
            var model = bw_linear()
            model.outputs = outputs
            model.loss = outputs == 1 ? BW_DO_BINARY_CROSS_ENTROPY : BW_DO_SOFTMAX_CROSS_ENTROPY
            model.largest_slope = 1e17
            model.mean_weight = 1
            weights.withUnsafeMutableBufferPointer { weights in
                bias.withUnsafeMutableBufferPointer { bias in
                    row.withUnsafeMutableBufferPointer { row in
                        classes.withUnsafeBufferPointer { classes in
                            data.withRows { rows in
                                (model.w, model.bias, model.row) = (
                                    weights.baseAddress, bias.baseAddress, row.baseAddress
                                )
                                (model.rows, model.classes) = (rows.pointee, classes.baseAddress)
                                let rates = [Float](repeating: 0.3, count: 64)
                                #expect(update(model, (0..<64).map { UInt64($0 * 29 % 64) }, rates, &losses) == 64)
                            }
                        }
                    }
                }
            }
            return weights + bias + losses
        }
        let exact = trained { model, examples, rates, losses in
            withUnsafePointer(to: model) { bw_linear_updates($0, examples, rates, 64, losses) }
        }
        let alone = trained { model, examples, rates, losses in
            withUnsafePointer(to: model) { bw_hogwild_updates($0, examples, rates, 64, losses) }
        }
        #expect(exact[0..<width * outputs].contains { abs($0) > 0.1 })
        for (a, b) in zip(exact, alone) { #expect(abs(a - b) < 1e-5) }
    }

    @Test(arguments: [2, 4]) func threadsComeCloseToTheExactMode(threads: Int) throws {
        let data = try Self.data()
        var exact = try Trainer(Self.recipe(.binaryCrossEntropy, nil), data: data, machine: Machine(threads: 1))
        var several = try Trainer(Self.recipe(), data: data, machine: Machine(threads: threads))
        #expect(several.plan.workers == threads)
        #expect(several.plan.notices.contains { $0.contains("no two runs are alike") })
        let start = try several.model().evaluate(data).loss
        let (expected, found) = (try exact.run().evaluate(data).loss, try several.run().evaluate(data).loss)
        #expect(several.progress.updates == 12000 && several.progress.examples == 12000)
        #expect(abs(found / expected - 1) < 0.01, "\(found), \(expected)")
        // both have learned something
        #expect(expected < start / 2)
    }

    @Test func aRefusedUpdateChangesNothing() throws {
        var recipe = Self.recipe()
        recipe.learningRate = .constant(1e35)
        var trainer = try Trainer(recipe, data: Self.data(300), machine: Machine(threads: 2))
        let before = trainer.model().parametersSHA256
        var failure: TrainingError?
        do throws(TrainingError) { _ = try trainer.run() } catch { failure = error }
        #expect(failure?.description.contains("stopped being finite in layer loss (asynchronous.hogwild)") == true)
        #expect(trainer.model().parametersSHA256 == before && trainer.progress.updates == 0)
    }

    @Test(arguments: [
        (["batch: 2", "optimizer: sgd"], "batch.size: expected 1 beside asynchronous.hogwild, found 2"),
        (["batch: 1", "optimizer: adam"], "optimizer: expected sgd beside asynchronous.hogwild, found adam"),
        (["batch: 1", "optimizer: {sgd: {momentum: 0.5}}"], "expected sgd without momentum"),
        (["batch: 1", "optimizer: {sgd: {weight-decay: 0.1}}"], "optimizer.sgd.weight-decay: expected none"),
        (["batch: 1", "optimizer: sgd", "clip: {norm: 1}"], "clip: expected none"),
        (["batch: 1", "optimizer: sgd", "average: {ema: 0.9}"], "average: expected none"),
    ])
    func recipesAreRefusedKindly(lines: [String], part: String) throws {
        let text = (["model: linear", "asynchronous: {hogwild: true}"] + lines).joined(separator: "\n") + "\n"
        let error = #expect(throws: RecipeError.self) { try Recipe(yaml: text) }
        #expect(error?.description.contains(part) == true, "\(String(describing: error))")
    }

    @Test func otherDataModelsAndAuditsAreRefusedKindly() throws {
        func refusal(_ recipe: Recipe, _ data: Dataset, _ machine: Machine = Machine()) -> String {
            do { _ = try Plan(recipe, data: data, machine: machine) } catch { return "\(error)" }
            return ""
        }
        #expect(
            refusal(Self.recipe(.softmaxCrossEntropy()), try SmallData.classes(20)).contains(
                "works on sparse data, such as LIBSVM files"))
        var recipe = Self.recipe()
        recipe.model = LayerList {
            Dense(4)
            ReLU()
            Dense(.classes)
        }
        #expect(refusal(recipe, try Self.data(20)).contains("works on linear models, and this model is another"))
        var machine = Machine()
        machine.ranks = 2
        #expect(refusal(Self.recipe(), try Self.data(20), machine).contains("works in one process, and 2 were started"))
        let audit = #expect(throws: RecipeError.self) { try Audit(Self.recipe(), data: Self.data(20)) }
        #expect(audit?.description.contains("an audit compares bits, and this recipe promises none") == true)
    }
}
