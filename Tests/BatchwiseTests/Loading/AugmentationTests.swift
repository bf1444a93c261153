import Foundation
import TestSupport
import Testing

@testable import Batchwise

/// Tests of the changes that augmentation makes to an image, worked out by hand.
@Suite struct AugmentationTests {
    /// 3 x 4 pixels of two channels: the second is the first and 100.
    private static let image: [Float] = (0..<12).flatMap { [Float($0), Float($0) + 100] }

    private func applied(
        _ steps: [Augmentation.Step], example: Int = 0, epoch: Int = 1, _ image: [Float] = image
    ) throws -> [Float] {
        let data = try Dataset(features: image, shape: [3, 4, image.count / 12])
        let shape = try #require(PixelGrid(data))
        var result = image
        var scratch = image
        let random = CounterRandom(seed: 1, purpose: .augmentation, epoch: epoch, example: example)
        result.withUnsafeMutableBufferPointer { result in
            scratch.withUnsafeMutableBufferPointer { scratch in
                Augmentation(steps).apply(
                    to: result.baseAddress!, shape, random, scratch: scratch.baseAddress!)
            }
        }
        return result
    }

    @Test func aFlipMirrorsAboutHalf() throws {
        let order = [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8]
        let mirrored: [Float] = order.flatMap { [Float($0), Float($0) + 100] }
        var flips = 0
        for example in 0..<400 {
            let found = try applied([.flip], example: example)
            #expect(found == Self.image || found == mirrored)
            if found == mirrored { flips += 1 }
        }
        // 400 fair coins: five standard deviations are 50
        #expect(abs(flips - 200) < 50)
    }

    @Test func aCropMovesTheImageAndFillsWithBlack() throws {
        var seen: Set<[Float]> = []
        var expected: Set<[Float]> = []
        let image = (0..<12).map { Float($0) + 1 }
        for down in -1...1 {
            for right in -1...1 {
                var moved = [Float](repeating: 0, count: 12)
                for row in 0..<3 {
                    for column in 0..<4 {
                        let (r, c) = (row + down, column + right)
                        if (0..<3).contains(r), (0..<4).contains(c) { moved[4 * row + column] = Float(4 * r + c + 1) }
                    }
                }
                expected.insert(moved)
            }
        }
        for example in 0..<200 { seen.insert(try applied([.crop(padding: 1)], example: example, image)) }
        #expect(seen == expected)
        // a shift that is larger than the image
        for example in 0..<50 { _ = try applied([.crop(padding: 100)], example: example) }
    }

    @Test func aTurnKeepsTheCentre() throws {
        #expect(try applied([.rotate(degrees: 0)]) == Self.image)
        let flat = [Float](repeating: 1, count: 12)
        let found = try applied([.rotate(degrees: 90)], example: 3, flat)
        #expect(found.allSatisfy { $0 >= 0 && $0 <= 1.0001 })
        #expect(abs(found[5] - 1) < 1e-5 && abs(found[6] - 1) < 1e-5)  // both next to the centre
        #expect(found.contains { $0 < 0.9 })
    }

    @Test func aCutoutIsASquareOfZeros() throws {
        let ones = [Float](repeating: 1, count: 12)
        for example in 0..<100 {
            let found = try applied([.cutout(size: 2)], example: example, ones)
            let zeros = found.indices.filter { found[$0] == 0 }
            #expect([1, 2, 4].contains(zeros.count))
            #expect(Set(zeros.map { $0 / 4 }).count * Set(zeros.map { $0 % 4 }).count == zeros.count)
        }
    }

    @Test func brightnessIsAFactor() throws {
        let found = try applied([.brightness(0.5)], example: 9)
        let factor = found[2] / Self.image[2]
        #expect(factor >= 0.5 && factor <= 1.5 && factor != 1)
        for (new, old) in zip(found, Self.image) { #expect(abs(new - old * factor) <= 1e-5 * old) }
        // black stays black: bytes of 0 are `shift` to the model
        let bytes = try Dataset(
            bytes: [UInt8](repeating: 0, count: 12), shape: [3, 4, 1], scale: 1, shift: -2, classes: [0])
        #expect(PixelGrid(bytes)?.black == -2)
    }

    @Test func everyEpochAndExampleHasItsOwn() throws {
        let steps: [Augmentation.Step] = [.crop(padding: 1), .rotate(degrees: 30), .brightness(0.1)]
        let first = try applied(steps)
        #expect(try applied(steps) == first)
        #expect(try applied(steps, epoch: 2) != first)
        #expect(try applied(steps, example: 1) != first)
    }

    @Test func theNotationIsReadAndWritten() throws {
        let text =
            "{model: [{dense: classes}], augment: [{crop: 4}, flip, {rotate: 15}, {brightness: 0.2}, {cutout: 8}, {mixup: 0.2}]}"
        let recipe = try Recipe(notation: RecipeValue(yaml: text))
        #expect(
            recipe.augmentation.steps == [
                .crop(padding: 4), .flip, .rotate(degrees: 15), .brightness(0.2), .cutout(size: 8), .mixup(alpha: 0.2),
            ])
        #expect(try Augmentation(notation: recipe.augmentation.notation) == recipe.augmentation)
        for bad in [
            "[blur]", "[{crop: -1}]", "[crop]", "[{brightness: 2}]", "[{flip: 1}]", "[{crop: 1, rotate: 2}]", "7",
        ] {
            #expect(throws: RecipeError.self) {
                _ = try Recipe(notation: RecipeValue(yaml: "{model: [{dense: classes}], augment: \(bad)}"))
            }
        }
    }
}

/// Batches whose examples are mixed in pairs.
@Suite struct MixupTests {
    @Test(arguments: [0.1, 0.4, 1, 3])
    func partsAreOfTheBetaDistribution(alpha: Double) {
        let parts = (0..<20_000).map {
            CounterRandom(seed: 5, purpose: .mixing, epoch: 1, example: $0).beta(alpha)
        }
        #expect(parts.allSatisfy { $0 >= 0 && $0 <= 1 })
        // mean 1/2 and variance 1 / (4 (2 alpha + 1)); five standard errors of the mean are at most 0.018
        let mean = parts.reduce(0, +) / 20_000
        let variance = parts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
        #expect(abs(mean - 0.5) < 0.018)
        #expect(abs(variance - 1 / (4 * (2 * alpha + 1))) < 0.01)
    }

    /// The oracle: the loss and its slope are linear in the target, worked out in Double on the mixed features.
    @Test(arguments: [5, 6])
    func theGradientIsThatOfTheMixture(batch: Int) throws {
        let width = 3
        let data = try SmallData.classes(batch, shape: [width], classes: 4)
        let recipe = Recipe(
            model: layers(Dense(.classes)), batch: Batch(size: batch), optimizer: .sgd(momentum: 0.5),
            learningRate: .constant(0.1), epochs: 1, seed: 9, augmentation: Augmentation([.mixup(alpha: 0.7)]))
        var trainer = try Trainer(recipe, data: data)
        let before = trainer.model()
        let report = try trainer.update()
        let checkpoint = trainer.checkpoint()

        let order = Array(EpochOrder(count: batch, seed: 9, epoch: 1))
        let parts = order.map {
            Double(Float(CounterRandom(seed: 9, purpose: .mixing, epoch: 1, example: $0).beta(0.7)))
        }
        guard case .classes(let classes, _) = data.targets, let weight = before.parameter("0.weight"),
            let bias = before.parameter("0.bias")
        else {
            Issue.record("not a linear classifier")
            return
        }
        var loss = 0.0
        var gradient = [Double](repeating: 0, count: 4 * width)
        for place in 0..<batch {
            let (own, other) = (order[place], order[batch - 1 - place])
            let part = own == other ? 1 : parts[place]
            let (x, y) = (features(data, row: own), features(data, row: other))
            let mixed = zip(x, y).map { part * Double($0) + (1 - part) * Double($1) }
            var logits = bias.values.map { Double($0) }
            for output in 0..<4 {
                for input in 0..<width {
                    logits[output] += Double(weight.values[output * width + input]) * mixed[input]
                }
            }
            let sum = logits.reduce(0) { $0 + exp($1) }
            var wanted = [Double](repeating: 0, count: 4)
            wanted[Int(classes[own])] += part
            wanted[Int(classes[other])] += 1 - part
            for output in 0..<4 {
                loss -= wanted[output] * (logits[output] - log(sum)) / Double(batch)
                let slope = (exp(logits[output]) / sum - wanted[output]) / Double(batch)
                for input in 0..<width { gradient[output * width + input] += slope * mixed[input] }
            }
        }
        #expect(abs(report.loss - loss) < 1e-6)
        // momentum from rest is the gradient; the library's own layout is [in, out]
        let index = try #require(checkpoint.model.parameters.firstIndex { $0.name == "0.weight" })
        let found = checkpoint.model.parameters[index].toFile(checkpoint.optimizerState[0][index]).values
        for (a, b) in zip(found, gradient) { #expect(abs(Double(a) - b) < 1e-6, "\(a) \(b)") }
        #expect(found.count == gradient.count)
    }

    @Test func mixingGivesTheSameBitsForAnyThreads() throws {
        let digits = Dataset.digits().train.prefix(150)
        var recipe = Recipe(
            model: layers(Dense(24), ReLU(), Dense(.classes)), loss: .softmaxCrossEntropy(labelSmoothing: 0.1),
            batch: Batch(size: 32), learningRate: .constant(0.05), epochs: 2, seed: 5,
            augmentation: Augmentation([.flip, .mixup(alpha: 0.2)]))
        let expected = try Trainer.fingerprint(recipe, digits, Machine(threads: 1, loadingThreads: 0))
        for (threads, microBatch, loading) in [(1, nil, 1), (2, 16, 4), (3, nil, 0)] {
            let machine = Machine(threads: threads, microBatch: microBatch, loadingThreads: loading)
            #expect(try Trainer.fingerprint(recipe, digits, machine) == expected, "\(machine)")
        }
        recipe.augmentation = Augmentation([.flip])
        #expect(try Trainer.fingerprint(recipe, digits, Machine()) != expected)
    }

    /// Values, and the two classes of binary cross-entropy, mix as numbers.
    @Test func numbersAreMixedToo() throws {
        let data = try Dataset(
            features: (0..<40).map { Float($0) / 20 - 1 }, shape: [1], values: (0..<40).map { Float($0) })
        let recipe = Recipe(
            model: layers(Dense(1)), loss: .meanSquaredError(), batch: Batch(size: 8), learningRate: .constant(0.1),
            epochs: 40,
            augmentation: Augmentation([.mixup(alpha: 1)]))
        // linear functions stay linear when they are mixed
        let evaluation = try #require(try Trainer.finished(recipe, data).evaluate(data).rmse)
        #expect(evaluation < 0.01)
        let classes = try SmallData.classes(40, classes: 2)
        var binary = Recipe(
            model: layers(Dense(1)), loss: .binaryCrossEntropy, batch: Batch(size: 8), epochs: 1,
            augmentation: Augmentation([.mixup(alpha: 1)]))
        let mixed = try Trainer.fingerprint(binary, classes, Machine())
        binary.augmentation = Augmentation()
        #expect(try Trainer.fingerprint(binary, classes, Machine()) != mixed)
    }
}

extension Trainer {
    fileprivate static func finished(_ recipe: Recipe, _ data: Dataset) throws -> Model {
        var trainer = try Trainer(recipe, data: data)
        return try trainer.run()
    }
}
