import Foundation
import Testing

@testable import Batchwise

/// What augmentation does to an image, worked out by hand.
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
        // further away than the image is large
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
            "{model: [{dense: classes}], augment: [{crop: 4}, flip, {rotate: 15}, {brightness: 0.2}, {cutout: 8}]}"
        let recipe = try Recipe(notation: RecipeValue(yaml: text))
        #expect(
            recipe.augmentation.steps == [
                .crop(padding: 4), .flip, .rotate(degrees: 15), .brightness(0.2), .cutout(size: 8),
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
