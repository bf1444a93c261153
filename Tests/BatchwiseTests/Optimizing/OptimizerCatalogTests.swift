import CKernels
import Foundation
import Testing

@testable import Batchwise

/// Every optimizer that a recipe can name keeps to what the engine relies on.
@Suite struct OptimizerCatalogTests {
    @Test func namesAreDifferent() {
        let names = Optimizer.catalog.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(Set(names) == ["sgd", "adam", "adamw", "nadam", "rmsprop", "adagrad", "lars", "lamb", "lion", "muon"])
    }

    /// A bare name has the defaults of Swift, and every key that is written is read again.
    @Test(arguments: Optimizer.catalog)
    func recipesReadWhatTheyWrite(optimizer: Optimizer) throws {
        #expect(try Optimizer(notation: .string(optimizer.name)) == optimizer)
        #expect(try Optimizer(notation: optimizer.notation) == optimizer)
        #expect(try JSONDecoder().decode(Optimizer.self, from: JSONEncoder().encode(optimizer)) == optimizer)
    }

    /// The defaults that recipes have been written with.
    @Test(arguments: [
        ("sgd", "{momentum: 0}"), ("lion", "{beta1: 0.9, beta2: 0.99, weight-decay: 0.01}"),
        ("adagrad", "{rate-decay: 0, initial: 0, epsilon: 1e-10, weight-decay: 0}"),
        ("rmsprop", "{smoothing: 0.99, epsilon: 1e-8, momentum: 0, weight-decay: 0}"),
        ("adam", "{beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight-decay: 0}"),
        ("adamw", "{beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight-decay: 0.01}"),
        ("nadam", "{beta1: 0.9, beta2: 0.999, epsilon: 1e-8, momentum-decay: 0.004, weight-decay: 0}"),
        ("lars", "{momentum: 0.9, trust: 0.02, weight-decay: 0.0001}"),
        ("lamb", "{beta1: 0.9, beta2: 0.999, epsilon: 1e-6, weight-decay: 0.01}"),
        ("muon", "{momentum: 0.95, weight-decay: 0.1, length: adamw, beta1: 0.9, beta2: 0.95, epsilon: 1e-10}"),
    ])
    func defaultsStay(name: String, settings: String) throws {
        let written = try Optimizer(notation: RecipeValue(yaml: "{\(name): \(settings)}"))
        #expect(try Optimizer(notation: .string(name)) == written)
        let entries = try #require(try written.notation[name])
        guard case .map(let found) = entries, case .map(let expected) = try RecipeValue(yaml: settings) else {
            Issue.record("no maps")
            return
        }
        #expect(found.map(\.key) == expected.map(\.key))
    }

    /// An optimizer refuses the settings of another, and all of its own settings count.
    @Test func optimizersAreEqualWhereAllTheirSettingsAre() {
        for (index, one) in Optimizer.catalog.enumerated() {
            for (place, other) in Optimizer.catalog.enumerated() { #expect((one == other) == (index == place)) }
        }
        let sgd = Optimizer.sgd(momentum: 0.9)
        for other in [
            Optimizer.sgd(momentum: 0.8), .sgd(momentum: 0.9, nesterov: true), .sgd(momentum: 0.9, weightDecay: 0.1),
            .sgd(momentum: 0.9, decoupled: true), .sgd(momentum: 0.9, dampening: 0.1),
        ] { #expect(other != sgd) }
        #expect(sgd == .sgd(momentum: 0.9) && sgd.hashValue == Optimizer.sgd(momentum: 0.9).hashValue)
        #expect(Optimizer.muon() != .muon(length: .original) && Optimizer.adam() != .adamW(weightDecay: 0))
    }

    /// Kernels have room for so many vectors, and checkpoints name them.
    @Test(arguments: Optimizer.catalog + [.rmsprop(momentum: 0.9, centered: true), .adam(amsgrad: true)])
    func statesAreNamed(optimizer: Optimizer) {
        let names = optimizer.stateNames
        #expect(names.count <= Int(BW_STATES) && Set(names).count == names.count)
        #expect(names.allSatisfy { !$0.isEmpty && !$0.contains(".") })
        #expect(optimizer.rule.defaultRate > 0)
    }

    /// The learning rate that a schedule's momentum is for has an optimizer that listens to it.
    @Test(arguments: Optimizer.catalog + [.sgd(momentum: 0.9), .rmsprop(momentum: 0.9)])
    func aScheduledMomentumIsRead(optimizer: Optimizer) {
        func step(_ momentum: Float?) -> bw_step {
            optimizer.rule.step(rate: 0.1, number: 3, momentum: momentum)
        }
        let (own, scheduled) = (step(nil), step(0.625))
        let isRead = scheduled.momentum == 0.625 || scheduled.beta1 == 0.625
        #expect(isRead == (optimizer.momentum != nil))
        #expect(own.rate == scheduled.rate || own.kind == BW_NADAM)
        if optimizer.momentum == nil { #expect(own.momentum == scheduled.momentum && own.beta1 == scheduled.beta1) }
    }
}
