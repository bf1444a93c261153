import Foundation
import Testing

@testable import Batchwise

/// Tests of the updates at which quantities are computed, of the numbers that are lent to them, and of refusals.
@Suite struct QuantityTests {
    /// A quantity that is due at some updates, with needs of any kind.
    struct Probe: Quantity {
        var name = "probe"
        var needs: UpdateNeeds = []
        var every = 1
        var compute: @Sendable (borrowing MeasuredUpdate) throws -> [Double]?

        func isDue(at update: Int) -> Bool { update % every == 0 }
        func value(of update: borrowing MeasuredUpdate) throws -> [Double]? { try compute(update) }
    }

    static let recipe = Recipe(
        model: layers(Dense(20), Tanh(), Dense(.classes)), batch: Batch(size: 8, grain: 4),
        optimizer: .sgd(momentum: 0.9), learningRate: .constant(0.05), epochs: 3)

    static func numbers(
        _ numbers: MeasuredUpdate.Numbers, _ update: borrowing MeasuredUpdate
    ) throws -> [Double] {
        var all: [Double] = []
        for parameter in 0..<update.parameterCount { all += try update.values(numbers, of: parameter).map(Double.init) }
        return all
    }

    static let gradientAndParameters = Probe(needs: [.gradient, .gradientNorms, .parameters, .changeNorms]) { update in
        try numbers(.gradient, update) + numbers(.parametersBefore, update) + numbers(.parametersAfter, update)
    }

    /// SGD from rest goes by the gradient that is lent; norms are those of the numbers; clipping does not reach them.
    @Test(arguments: [nil, Clipping.norm(0.01), .value(0.001)], [nil, 4])
    func theGradientAndTheParametersAreLent(clip: Clipping?, microBatch: Int?) throws {
        let data = try SmallData.classes(8)
        var recipe = Self.recipe
        recipe.optimizer = .sgd
        recipe.clip = clip
        let probe = Self.gradientAndParameters
        let machine = Machine(threads: 2, microBatch: microBatch)
        var trainer = try Trainer(
            recipe, data: data, machine: machine, quantities: [probe, GradientNorm(), UpdateRatio()])
        let report = try trainer.update()
        let found = try #require(report.measurements[probe])
        let count = found.count / 3
        let (gradient, rest) = (found[..<count], found[count...])
        let (before, after) = (rest[..<(2 * count)], rest[(2 * count)...])
        let expected = try Trainer.gradient(Self.recipe, data, machine: Machine(threads: 1)).gradients
        let names = trainer.trained.layout.parameters.map(\.name)
        #expect(Array(gradient) == names.flatMap { expected[$0] ?? [] })
        #expect(Array(after) == trainer.trained.parameterValues.joined().map(Double.init))
        let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
        #expect(abs(try #require(report.measurements[GradientNorm()]) - norm) <= 1e-9 * norm)
        let change = zip(after, before).map { $0 - $1 }
        let ratio = (change.reduce(0) { $0 + $1 * $1 } / before.reduce(0) { $0 + $1 * $1 }).squareRoot()
        #expect(abs(try #require(report.measurements[UpdateRatio()]) - ratio) <= 1e-6 * ratio)
        if clip == nil {
            for (change, gradient) in zip(change, gradient) { #expect(abs(change + 0.05 * gradient) < 1e-6) }
        } else {
            #expect(change.reduce(0) { $0 + $1 * $1 } < 0.01 * 0.05 * 0.05 * norm * norm)
        }
    }

    @Test func spansAreLentInTheOrderOfMemory() throws {
        let probe = Probe(needs: [.gradient, .parameters]) { update in
            var sums: [Double] = []
            for parameter in 0..<update.parameterCount {
                let sum = try update.withNumbers(.gradient, of: parameter) { span in
                    span.indices.reduce(0.0) { $0 + Double(span[$1]) }
                }
                sums += [sum, try update.values(.gradient, of: parameter).reduce(0.0) { $0 + Double($1) }]
            }
            return sums
        }
        var trainer = try Trainer(Self.recipe, data: SmallData.classes(8), quantities: [probe])
        let measured = try trainer.update().measurements[probe]
        let sums = try #require(measured)
        #expect(sums.count == 8)
        for place in stride(from: 0, to: 8, by: 2) { #expect(abs(sums[place] - sums[place + 1]) < 1e-6) }
    }

    /// Updates between those are the plain ones, to the same bits.
    @Test(arguments: [1, 3, 100])
    func aQuantityIsComputedWhereItIsDue(every: Int) throws {
        let data = try SmallData.classes(40)
        var probe = Self.gradientAndParameters
        probe.every = every
        var trainer = try Trainer(Self.recipe, data: data, machine: Machine(threads: 2), quantities: [probe])
        var updates: [Int] = []
        try trainer.run { report in
            if report.measurements[probe] != nil { updates.append(report.index) }
            #expect(report.measurements.isEmpty == (report.index % every != 0))
            return .proceed
        }
        #expect(updates == (1...15).filter { $0 % every == 0 })
        #expect(trainer.model().parametersSHA256 == (try Trainer.fingerprint(Self.recipe, data, Machine(threads: 1))))
    }

    @Test func theNormOfTheGradientComesWithClipping() throws {
        var recipe = Self.recipe
        let data = try SmallData.classes(40)
        var plain = try Trainer(recipe, data: data)
        #expect(try plain.update().measurements.isEmpty)
        recipe.clip = .norm(1)
        var clipped = try Trainer(recipe, data: data)
        let report = try clipped.update()
        #expect(report.measurements.names == ["gradient_norm"])
        #expect(report.measurements[GradientNorm()] ?? 0 > 0)
        #expect(report.measurements[UpdateRatio()] == nil)
    }

    /// A quantity is not lent the needs of other quantities, and the run goes on after the error.
    @Test func numbersThatAreNotAmongTheNeedsAreAnError() throws {
        let data = try SmallData.classes(40)
        let asking: [(UpdateNeeds, @Sendable (borrowing MeasuredUpdate) throws -> [Double]?)] = [
            (.gradientNorms, { [try $0.squaredNorm(.gradient)] }), (.changeNorms, { [try $0.squaredNorm(.change)] }),
            (.exampleNorms, { [try $0.squaredNorm(.example(0))] }), (.laneNorms, { [try $0.squaredNorm(.lane(0))] }),
            (.gradient, { try $0.values(.gradient, of: 0).map(Double.init) }),
            (.parameters, { try $0.values(.parametersAfter, of: 0).map(Double.init) }),
        ]
        let all = Probe(
            name: "all", needs: [.gradientNorms, .changeNorms, .exampleNorms, .laneNorms, .gradient, .parameters]
        ) {
            _ in nil
        }
        for (need, compute) in asking {
            var trainer = try Trainer(Self.recipe, data: data, quantities: [all, Probe(compute: compute)])
            let error = TrainingError.quantity(
                update: 1, name: "probe", reason: QuantityError.notAmongNeeds(need).description)
            #expect(throws: error) { try trainer.update() }
            #expect(trainer.progress.updates == 1)
            var right = try Trainer(Self.recipe, data: data, quantities: [Probe(needs: need, compute: compute)])
            #expect(try right.update().measurements.names == ["probe"])
        }
    }

    // MARK: Refusals

    @Test(arguments: [BatchNorm(ghost: 4), BatchNorm(over: .batch)])
    func examplesThatAreNormalisedTogetherHaveNoGradients(layer: BatchNorm) throws {
        var recipe = Self.recipe
        recipe.model = layers(Dense(20), layer, Tanh(), Dense(.classes))
        let data = try SmallData.classes(40)
        #expect(throws: QuantityError.coupledExamples(quantity: "example_norms", layer: "1 (batch-norm)")) {
            _ = try Trainer(recipe, data: data, quantities: [ExampleNorms()])
        }
        var lanes = try Trainer(recipe, data: data, quantities: [LaneNorms()])
        #expect(try lanes.update().measurements[LaneNorms()] != nil)
        recipe.model = layers(Dense(20), layer.frozen(), Tanh(), Dense(.classes))
        var frozen = try Trainer(recipe, data: data, quantities: [ExampleNorms()])
        #expect(try frozen.update().measurements[ExampleNorms()] != nil)
    }

    @Test func whatIsNotThereIsRefused() throws {
        let data = try SmallData.classes(40)
        #expect(throws: QuantityError.repeatedName("gradient_norm")) {
            _ = try Trainer(Self.recipe, data: data, quantities: [GradientNorm(), GradientNorm()])
        }
    }

    // MARK: Memory and files

    @Test func memoryIsCountedWhereItIsNeeded() throws {
        let data = try SmallData.classes(40)
        func bytes(_ needs: UpdateNeeds, clip: Clipping? = nil) throws -> Plan.Bytes {
            var recipe = Self.recipe
            recipe.clip = clip
            let probe = Probe(needs: needs) { _ in nil }
            return try Trainer(recipe, data: data, machine: Machine(threads: 1), quantities: [probe]).plan.bytes
        }
        let plain = try bytes([])
        let vector = plain.parameters
        #expect(try bytes(.gradientNorms).gradients == plain.gradients + vector)
        #expect(try bytes(.gradient).gradients == plain.gradients + vector)
        #expect(try bytes(.changeNorms).gradients == plain.gradients + 2 * vector)
        #expect(try bytes(.parameters).gradients == plain.gradients + 3 * vector)
        #expect(try bytes(.gradient, clip: .norm(1)).gradients == bytes([], clip: .norm(1)).gradients + vector)
        // four parameters and eight examples in Double
        #expect(try bytes(.exampleNorms).gradients > plain.gradients + 8 * 4 * 8)
        #expect(try bytes(.laneNorms).gradients > plain.gradients + vector)
        // an engine of its own, with directions beside the parameters
        #expect(try bytes(.tangent).gradients > plain.gradients + 4 * vector)
    }

    @Test func measurementsAreWrittenAndRead() throws {
        var trainer = try Trainer(
            Self.recipe, data: SmallData.classes(40), quantities: [GradientNorm(), ExampleNorms()])
        let found = try trainer.update().measurements
        let text = try JSONEncoder().encode(found)
        let object = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
        let (norm, written) = (try #require(found[GradientNorm()]), try #require(object["gradient_norm"] as? Double))
        #expect(abs(written - norm) <= 1e-12 * norm)
        #expect(Set(object.keys) == ["gradient_norm", "example_norms"])
        let read = try JSONDecoder().decode(Measurements.self, from: text)
        #expect(read[GradientNorm()] == found[GradientNorm()])
        #expect(read[ExampleNorms()] == found[ExampleNorms()])
        #expect(read[UpdateRatio()] == nil)
        // a value of another type is read as nil
        #expect(read[Probe(name: "gradient_norm") { _ in nil }] == nil)
    }
}
