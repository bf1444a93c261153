import Foundation
import Testing

@testable import Batchwise

/// Losses of the program's own. Finite differences and the interpreter check them as they check the library's: see
/// `GradientCase`.
@Suite struct CustomLossTests {
    private static func recipe(_ loss: Loss, epochs: Int = 2) -> Recipe {
        Recipe(
            model: LayerList {
                Dense(9)
                BatchNorm(over: .batch)
                Tanh()
                Dense(.classes, initialisation: .he)
            }, loss: loss, batch: Batch(size: 32), optimizer: .sgd(momentum: 0.9), learningRate: .constant(0.05),
            epochs: epochs, clip: .norm(1))
    }

    private static func values(_ count: Int) throws -> Dataset {
        var numbers = TestNumbers("values")
        return try Dataset(
            features: numbers.normals(12 * count).map { Float($0) }, shape: [12],
            values: numbers.normals(count).map { Float(20 + 5 * $0) })
    }

    private static func reports(_ recipe: Recipe, _ data: Dataset) throws -> ([UpdateReport], Evaluation) {
        var trainer = try Trainer(recipe, data: data)
        var reports: [UpdateReport] = []
        let model = try trainer.run {
            reports.append($0)
            return .proceed
        }
        return (reports, try model.evaluate(data))
    }

    private static func isNear(_ a: Double?, _ b: Double?) -> Bool {
        guard let a, let b else { return a == nil && b == nil }
        return abs(a - b) < 1e-4 * max(1, abs(b))
    }

    /// The library's losses, written as a program would, come to the same numbers: losses, norms, accuracies.
    @Test func aLossOfTheProgramFollowsTheLibrarysOwn() throws {
        let classes = try SmallData.classes(75, weighted: true)
        var mixed = Self.recipe(.softmaxCrossEntropy)
        mixed.augmentation = Augmentation([.mixup(alpha: 0.4)])
        var ownMixed = mixed
        ownMixed.loss = .custom(OwnCrossEntropy())
        for (own, library, data) in [
            (Self.recipe(.custom(OwnCrossEntropy())), Self.recipe(.softmaxCrossEntropy), classes),
            (ownMixed, mixed, classes),
            (Self.recipe(.custom(OwnSquaredError())), Self.recipe(.meanSquaredError()), try Self.values(75)),
        ] {
            let (found, score) = try Self.reports(own, data)
            let (expected, expectedScore) = try Self.reports(library, data)
            #expect(found.count == expected.count)
            for (a, b) in zip(found, expected) {
                #expect(
                    Self.isNear(a.loss, b.loss)
                        && Self.isNear(a.measurements[GradientNorm()], b.measurements[GradientNorm()]), "\(a) \(b)")
                #expect((a.accuracy == nil) == (b.accuracy == nil))
                if own.augmentation.mixup == nil { #expect(Self.isNear(a.accuracy, b.accuracy)) }
            }
            #expect(Self.isNear(score.loss, expectedScore.loss) && Self.isNear(score.accuracy, expectedScore.accuracy))
            #expect(Self.isNear(score.rmse, expectedScore.rmse))
            #expect(score.accuracy != nil || score.rmse ?? 0 > 1)
        }
        // the negative control: the same loss times 3 has other slopes
        let (found, _) = try Self.reports(Self.recipe(.custom(OwnSquaredError(factor: 3))), Self.values(75))
        let (expected, _) = try Self.reports(Self.recipe(.meanSquaredError()), Self.values(75))
        #expect(!Self.isNear(found[0].measurements[GradientNorm()], expected[0].measurements[GradientNorm()]))
    }

    @Test func sameBitsForAnyThreadsAndMicroBatch() throws {
        let data = try SmallData.classes(75, weighted: true)
        var recipe = Self.recipe(.custom(FocalLoss()))
        recipe.augmentation = Augmentation([.mixup(alpha: 0.4)])
        var losses: [Double] = []
        func run(_ machine: Machine) throws -> String {
            var trainer = try Trainer(recipe, data: data, machine: machine)
            var found: [Double] = []
            let model = try trainer.run {
                found.append($0.loss)
                return .proceed
            }
            if losses.isEmpty { losses = found }
            #expect(found == losses)
            return model.parametersSHA256
        }
        let expected = try run(Machine(threads: 1))
        for threads in [1, 2, 3] {
            for microBatch in [8, 16, 32] {
                #expect(try run(Machine(threads: threads, microBatch: microBatch)) == expected)
            }
        }
        losses = []
        recipe.loss = .custom(OwnCrossEntropy())
        #expect(try run(Machine(threads: 1)) != expected)
    }

    @Test func aRunIsResumedAndItsModelIsRead() throws {
        let data = try SmallData.classes(75)
        let path = FileManager.default.temporaryDirectory.appending(path: "focal-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let recipe = Self.recipe(.custom(FocalLoss()))
        var whole = try Trainer(recipe, data: data)
        let expected = try whole.run()
        var first = try Trainer(recipe, data: data)
        try first.run { $0.index == 2 ? .stop : .proceed }
        try first.saveCheckpoint(path)
        var second = try Trainer(recipe, data: data)
        try second.resume(from: path)
        #expect(try second.run().parametersSHA256 == expected.parametersSHA256)

        try expected.save(path)
        #expect(throws: CheckpointError.self) { try Model(contentsOf: path) }
        let own = try Model(contentsOf: path, model: recipe.model, loss: recipe.loss)
        #expect(try own.evaluate(data) == expected.evaluate(data))
        // without its own loss, the model is evaluated by the loss that goes with the targets
        let other = try Model(contentsOf: path, model: recipe.model).evaluate(data)
        #expect(try other.accuracy == expected.evaluate(data).accuracy && other.loss > expected.evaluate(data).loss)
    }

    @Test func whatIsNoLossIsRefused() throws {
        let data = try SmallData.classes(40)
        func failure(_ loss: some CustomLoss, _ data: Dataset) -> String {
            do {
                _ = try Trainer(Self.recipe(.custom(loss)), data: data)
                return ""
            } catch { return "\(error)" }
        }
        #expect(
            failure(AnyLoss(name: "wide") { predictions, targets, _ in predictions * targets }, data)
                == "layer loss (AnyLoss): expected [batch, 1], the loss of each example, found [batch, 5]")
        #expect(
            failure(AnyLoss(name: "blind") { _, targets, _ in targets.sumLast() }, data)
                == "layer loss (AnyLoss): the loss does not depend on the predictions")
        let learning = AnyLoss(name: "learning") { predictions, _, graph in
            (predictions * graph.parameter("scale", [5], .ones)).sumLast()
        }
        #expect(failure(learning, data).hasPrefix("layer loss (AnyLoss): a loss has no parameters"))
        #expect(
            failure(
                AnyLoss(name: "crooked") { predictions, targets, _ in predictions.sumLast() * targets.reshaped([4]) },
                data
            )
            .hasPrefix("layer loss (AnyLoss): [batch, 5] does not hold [4]"))
        #expect(failure(LogCosh(), data) == "LogCosh learns values and the targets are classes")
        #expect(try failure(FocalLoss(), Self.values(40)) == "FocalLoss learns classes and the targets are numbers")
        #expect(failure(FocalLoss(), data) == "")
    }

    @Test func noFileHoldsIt() throws {
        let recipe = Self.recipe(.custom(LogCosh()))
        let error = #expect(throws: RecipeError.self) { try recipe.notation() }
        #expect(error == .notWritable("LogCosh is a loss of the program's own: a recipe file cannot hold it"))
        #expect(throws: RecipeError.self) { try JSONEncoder().encode(recipe) }
        #expect(Loss.custom(OwnSquaredError(factor: 2)) == .custom(OwnSquaredError(factor: 2)))
        #expect(Loss.custom(OwnSquaredError(factor: 2)) != .custom(OwnSquaredError(factor: 3)))
        #expect(Loss.custom(FocalLoss()) != .custom(OwnCrossEntropy()))
    }
}
