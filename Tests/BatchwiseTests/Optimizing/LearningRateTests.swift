import Foundation
import Testing

@testable import Batchwise

@Suite struct LearningRateTests {
    /// 50,000 examples in batches of 256, base 0.1 at batch 32.
    private func resolved(_ rate: LearningRate, epochs: Int = 20) throws -> LearningRate.Resolved {
        try rate.resolved(examplesPerEpoch: 50_000, batch: 256, epochs: epochs)
    }

    @Test func scalingRules() throws {
        #expect(try resolved(.constant(0.1)).peak == 0.1)
        #expect(abs(try resolved(.base(0.1, atBatch: 32, scaling: .linear)).peak - 0.8) < 1e-12)
        #expect(abs(try resolved(.base(0.1, atBatch: 32, scaling: .squareRoot)).peak - 0.1 * 8.0.squareRoot()) < 1e-12)
        #expect(try resolved(.base(0.1, atBatch: 32)).peak == 0.1)
        #expect(abs(try resolved(.base(0.1, atBatch: 32, scaling: .power(0.75))).peak - 0.4756828460010884) < 1e-12)
    }

    @Test func factorsOfTheRules() {
        let rules: [LearningRate.Scaling] = [.none, .linear, .squareRoot, .power(0.75), .power(0), .power(1)]
        #expect(rules.map { $0.factor(batch: 512, atBatch: 32) } == [1, 16, 4, 8, 1, 16])
        #expect(rules.map { $0.factor(batch: 32, atBatch: 512) } == [1, 0.0625, 0.25, 0.125, 1, 0.0625])
    }

    /// The rate climbs from the base to k times the base, update by update, and is constant then [Goyal 2017].
    @Test func warmupClimbsFromTheBaseRate() throws {
        let rate = try resolved(.base(0.1, atBatch: 32, scaling: .linear).warmup(.epochs(5)))
        #expect(abs(rate.rate(afterExamples: 0) - 0.1) < 1e-12)
        #expect(abs(rate.rate(afterExamples: 125_000) - 0.45) < 1e-12)
        #expect(abs(rate.rate(afterExamples: 250_000) - 0.8) < 1e-12)
        #expect(abs(rate.rate(afterExamples: 900_000) - 0.8) < 1e-12)
        #expect(rate.rate(afterExamples: 256) > rate.rate(afterExamples: 0))
    }

    @Test func cosineEndsAtZero() throws {
        let rate = try resolved(LearningRate.base(0.2).warmup(.epochs(4)).cosine())
        #expect(abs(rate.rate(afterExamples: 200_000) - 0.2) < 1e-12)
        // the last update has the 80 examples that are left of an epoch
        #expect(abs(rate.rate(afterExamples: 599_960) - 0.1) < 1e-12)
        #expect(rate.rate(afterExamples: 999_920) < 1e-12)
        #expect(rate.rate(afterExamples: 999_664) > 1e-9)
        #expect(rate.rate(afterExamples: 1_000_000) < 1e-12)
    }

    /// Every decay that has an end reaches it at the last update, which begins before its examples have been seen; a run
    /// of one update stays at the peak.
    @Test(arguments: [(100, 10), (100, 32), (7, 3)])
    func decaysEndAtTheLastUpdate(examples: Int, batch: Int) throws {
        let last = (examples - 1) / batch * batch
        for decay: LearningRate.Decay in [.linear(end: 0.01), .cosine(end: 0.01), .polynomial(power: 2, end: 0.01)] {
            let rate = LearningRate(base: 0.2, decay: decay)
            let run = try rate.resolved(examplesPerEpoch: examples, batch: batch, epochs: 3)
            #expect(abs(run.rate(afterExamples: 2 * examples + last) - 0.01) < 1e-12)
            #expect(run.rate(afterExamples: 2 * examples + last - 1) > 0.01 + 1e-9)
            #expect(run.rate(afterExamples: 0) == 0.2)
            let single = try rate.resolved(examplesPerEpoch: batch, batch: batch, epochs: 1)
            #expect(single.rate(afterExamples: 0) == 0.2)
        }
    }

    /// torch.optim.lr_scheduler.OneCycleLR(max_lr=1, total_steps=100)
    @Test func oneCycleIsThatOfPyTorch() throws {
        let run = try LearningRate(base: 1, decay: .oneCycle(.init())).resolved(
            examplesPerEpoch: 320, batch: 32, epochs: 10)
        for (update, expected) in [(0, 0.04), (10, 0.295164), (29, 1), (50, 0.793893), (99, 4e-6)] {
            #expect(abs(run.rate(afterExamples: 32 * update) - expected) < 1e-6, "update \(update)")
        }
    }

    @Test func unitsAreOneClock() throws {
        let updates = try resolved(LearningRate.constant(0.1).warmup(.updates(100)))
        let examples = try resolved(LearningRate.constant(0.1).warmup(.examples(25_600)))
        #expect(updates.rate(afterExamples: 12_800) == examples.rate(afterExamples: 12_800))
    }

    static let decays: [LearningRate.Decay] = [
        .constant, .linear, .linear(end: 0.01, from: .epochs(8)), .cosine, .cosine(end: 0.02, from: .updates(3000)),
        .polynomial(power: 2), .polynomial(power: 0.9, end: 0.01, from: .examples(500_000)), .step(every: .epochs(6)),
        .multiStep(at: [.epochs(6), .updates(2000), .examples(700_000)], factor: 0.3), .exponential(factor: 0.9),
        .exponential(factor: 0.5, every: .updates(700)), .inverseSquareRoot(over: .epochs(2)), .inverseSquareRoot(),
        .restarts(first: .epochs(2)), .restarts(first: .epochs(1), factor: 1.5, end: 0.001), .plateau,
        .plateau(.init(factor: 0.5, patience: 3, cooldown: 2, threshold: 0, minimum: 1e-4, metric: .trainLoss)),
    ]
    static let cycles: [LearningRate.Decay] = [
        .oneCycle, .oneCycle(.init(rise: 0.4, startDivisor: 10, endDivisor: 100, shape: .linear, momentum: nil)),
        .oneCycle(.init(momentum: .init(high: 0.9, low: 0.6))), .triangular(.init(low: 0.01, up: .epochs(2))),
        .triangular(.init(low: 0.01, up: .epochs(2), down: .updates(100), height: .halving, momentum: .init())),
        .triangular(
            .init(low: 0, up: .updates(50), height: .exponential(factor: 0.9, every: .epochs(1)), momentum: .init())),
    ]

    /// The warmup ends where the decay begins: the rates around that place are near each other, and near the peak.
    @Test(arguments: decays, [LearningRate.Warmup.Shape.linear, .exponential])
    func theRateIsContinuousWhereTheWarmupEnds(decay: LearningRate.Decay, shape: LearningRate.Warmup.Shape) throws {
        let rate = try resolved(
            LearningRate.constant(0.2).warmup(.epochs(5), from: 0.004, shape: shape).decay(decay))
        let end = 250_000
        #expect(rate.rate(afterExamples: 0) == 0.004)
        #expect(abs(rate.rate(afterExamples: end) - 0.2) < 1e-12)
        #expect(abs(rate.rate(afterExamples: end - 1) - 0.2) < 2e-5)
        #expect(abs(rate.rate(afterExamples: end + 1) - 0.2) < 2e-5)
        for seen in stride(from: 0, to: end, by: 256) {
            #expect(rate.rate(afterExamples: seen) < rate.rate(afterExamples: seen + 256))
        }
    }

    /// The rate is between its lowest value and its peak all the way, and `peak` is the highest rate.
    @Test(arguments: decays + cycles)
    func thePeakIsTheHighestRate(decay: LearningRate.Decay) throws {
        let warmup: LearningRate.Warmup? = decay == .inverseSquareRoot() ? .init(over: .epochs(1)) : nil
        let rate = try resolved(LearningRate(base: 0.2, warmup: warmup, decay: decay))
        let all = (0...10_000).map { rate.rate(afterExamples: 100 * $0) }
        #expect(rate.peak == 0.2)
        #expect(all.allSatisfy { $0 >= 0 && $0 <= 0.2 * (1 + 1e-14) })
        // exponential triangles have come down a little when they are at their first top
        #expect(all.max()! > (rate.momentum(afterExamples: 0) == 0.95 && decay.name == "triangular" ? 0.19 : 0.199))
    }

    /// The rate is a pure function: it is the same in any order of calls, and from copies.
    @Test(arguments: decays + cycles)
    func ratesDoNotDependOnWhoAskedBefore(decay: LearningRate.Decay) throws {
        let warmup: LearningRate.Warmup? = decay == .inverseSquareRoot() ? .init(over: .epochs(1)) : nil
        let rate = LearningRate(base: 0.2, warmup: warmup, decay: decay)
        let (one, other) = (try resolved(rate), try resolved(rate))
        #expect(one == other && one.hashValue == other.hashValue)
        let places = (0..<1000).map { 1000 * $0 }
        let forward = places.map { one.rate(afterExamples: $0) }
        let backward = places.reversed().map { other.rate(afterExamples: $0) }
        #expect(forward == backward.reversed())
        #expect(places.map { one.momentum(afterExamples: $0) } == places.map { other.momentum(afterExamples: $0) })
    }

    /// Marks written in epochs, updates and examples are the same marks where batches fill an epoch.
    @Test func marksOfAnyUnitGiveTheSameRates() throws {
        let units: [(Int) -> TrainingLength] = [
            { .epochs(Double($0)) }, { .updates(250 * $0) }, { .examples(50_000 * $0) },
        ]
        let makers: [((Int) -> TrainingLength) -> LearningRate] = [
            { LearningRate.constant(0.1).warmup($0(3)).decay(.cosine(from: $0(5))) },
            { LearningRate.constant(0.1).warmup($0(3)).decay(.multiStep(at: [$0(4), $0(9), $0(13)])) },
            { LearningRate.constant(0.1).decay(.step(every: $0(3), factor: 0.5)) },
            { LearningRate.constant(0.1).warmup($0(1)).decay(.exponential(factor: 0.8, every: $0(2))) },
            { LearningRate.constant(0.1).decay(.inverseSquareRoot(over: $0(2))) },
            { LearningRate.constant(0.1).warmup($0(2)).decay(.restarts(first: $0(1), factor: 3)) },
            { LearningRate.constant(0.1).decay(.triangular(.init(low: 0, up: $0(2), down: $0(3), height: .halving))) },
            {
                LearningRate.constant(0.1).decay(
                    .triangular(.init(low: 0, up: $0(2), height: .exponential(factor: 0.7, every: $0(1)))))
            },
        ]
        for maker in makers {
            let rates = try units.map {
                try maker($0).resolved(examplesPerEpoch: 50_000, batch: 200, epochs: 20)
            }
            for update in 0..<5000 {
                let found = rates.map { $0.rate(afterExamples: 200 * update) }
                #expect(found.allSatisfy { abs($0 - found[0]) <= 1e-12 * found[0] }, "update \(update): \(found)")
            }
        }
    }

    /// With a smaller last batch, a length in updates still ends with its last update.
    @Test func marksInUpdatesCountUpdates() throws {
        let rate = try LearningRate.constant(0.1).decay(.multiStep(at: [.updates(4), .updates(6), .updates(9)]))
            .resolved(examplesPerEpoch: 100, batch: 32, epochs: 10)
        let seen = ScheduleTests.clock(examples: 100, batch: 32, epochs: 3)
        let drops = seen.map { Int((log10(0.1 / rate.rate(afterExamples: $0))).rounded()) }
        #expect(drops == [0, 0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 3])
    }

    /// Positions of updates on the clock are whole, and clock and count are inverse.
    @Test(arguments: [(100, 32), (96, 32), (7, 1), (7, 7), (1000, 999), (5, 8)])
    func theClockTurnsUpdatesIntoExamplesAndBack(examples: Int, batch: Int) {
        let clock = ExampleClock(examplesPerEpoch: examples, batch: batch, epochs: 5)
        let seen = ScheduleTests.clock(examples: examples, batch: batch, epochs: 5)
        for (update, place) in seen.enumerated() {
            #expect(clock.updates(Double(place)) == Double(update))
            #expect(clock.examples(.updates(update)) == Double(place))
        }
        var last = -1.0
        for place in 0..<5 * examples {
            #expect(clock.updates(Double(place)) > last)
            last = clock.updates(Double(place))
        }
    }

    /// A run that goes on after its end keeps its last rate; restarts that end with a period do not begin another.
    @Test func afterTheRunTheRateStays() throws {
        for decay in Self.decays + Self.cycles where decay != .inverseSquareRoot() {
            let rate = try resolved(LearningRate(base: 0.2, decay: decay))
            let end = rate.rate(afterExamples: 1_000_000)
            #expect(rate.rate(afterExamples: 1_000_256) == end && rate.rate(afterExamples: 9_000_000) == end)
        }
        let restarts = try resolved(LearningRate(base: 0.2, decay: .restarts(first: .epochs(5), end: 0.01)))
        #expect(abs(restarts.rate(afterExamples: 1_000_000) - 0.01) < 1e-12)
        #expect(restarts.rate(afterExamples: 500_000) == 0.2)
    }

    @Test func aWarmupLongerThanTheRunIsRefused() {
        #expect(throws: RecipeError.self) { try resolved(LearningRate.constant(0.1).warmup(.epochs(21))) }
    }

    /// A run of 20 epochs of 196 updates: what does not fit is refused, with the place and what would fit.
    @Test(arguments: [
        ("warmup: 21 epochs", "learning-rate.warmup: expected at most the 20 epochs of the run, found 21 epochs"),
        ("warmup: {over: 1 epoch, from: 0.2}", "learning-rate.warmup.from: expected at most the peak of the rate, 0.1"),
        (
            "warmup: 5 epochs, decay: one-cycle",
            "learning-rate.warmup: expected none beside decay one-cycle, which climbs by itself, found 5 epochs"
        ),
        (
            "decay: {multi-step: {at: [5 epochs, 30 epochs]}}",
            "learning-rate.decay.multi-step.at.1: expected a mark before the end of the 20 epochs of the run, found 30 epochs"
        ),
        (
            "decay: {multi-step: {at: [9 epochs, 5 epochs]}}",
            "multi-step.at.1: expected a mark after the one before, 9 epochs, found 5 epochs"
        ),
        ("decay: {multi-step: {at: [196 updates, 1 epoch]}}", "a mark after the one before, 196 updates"),
        (
            "warmup: 6 epochs, decay: {multi-step: {at: 5 epochs}}",
            "multi-step.at.0: expected a mark after the warmup of 6 epochs, found 5 epochs"
        ),
        ("decay: {step: {every: 20 epochs}}", "step.every: expected a mark before the end of the 20 epochs"),
        ("warmup: 5 epochs, decay: {step: {every: 4 epochs}}", "step.every: expected a mark after the warmup"),
        ("warmup: 5 epochs, decay: {cosine: {from: 4 epochs}}", "cosine.from: expected a mark after the warmup"),
        ("decay: {linear: {from: 3920 updates}}", "linear.from: expected a mark before the end"),
        ("decay: {linear: {end: 0.5}}", "linear.end: expected at most the peak of the rate, 0.1, found 0.5"),
        (
            "warmup: 1 epoch, decay: {restarts: {first: 20 epochs}}",
            "restarts.first: expected at most what the warmup of 1 epoch leaves of the 20 epochs of the run, found 20 epochs"
        ),
        ("decay: {triangular: {low: 0.2, up: 1 epoch}}", "triangular.low: expected at most the peak"),
        ("decay: {triangular: {low: 0, up: 21 epochs}}", "triangular.up: expected at most the 20 epochs of the run"),
        ("decay: inverse-square-root", "inverse-square-root.over is missing"),
        ("decay: {plateau: {minimum: 0.2}}", "plateau.minimum: expected at most the peak"),
    ])
    func whatDoesNotFitIsRefused(yaml: String, message: String) throws {
        let notation = try RecipeValue(yaml: "{base: 0.1, \(yaml)}")
        let rate = try LearningRate(notation: notation, usual: .constant(1))
        let error = #expect(throws: RecipeError.self) { try resolved(rate) }
        let text = error?.description ?? ""
        #expect(text.contains(message) && !text.contains("\n"), "\(text)")
    }

    /// Settings that make no sense in any run are refused where they are read, and where a program made them.
    @Test(arguments: [
        ("base: 0", "learning-rate.base: expected a number above 0"),
        ("base: 0.1, scaling: linear", "learning-rate.at-batch is missing"),
        ("base: 0.1, scaling: lineal", "did you mean linear?"),
        ("base: 0.1, at-batch: 32, scaling: {power: 1.5}", "scaling.power: expected a number from 0 to 1"),
        ("base: 0.1, at-batch: 32, scaling: {pover: 1}", "did you mean power?"),
        ("base: 0.1, warmup: 5", "warmup.over: expected a length such as 5 epochs"),
        ("base: 0.1, warmup: 1.5 updates", "a length such as 5 epochs"),
        ("base: 0.1, warmup: {ower: 5 epochs}", "did you mean over?"),
        ("base: 0.1, warmup: {over: 1 epoch, from: -1}", "warmup.from: expected a number of at least 0"),
        ("base: 0.1, warmup: {over: 1 epoch, from: 0, shape: exponential}", "warmup.from: expected a number above 0"),
        ("base: 0.1, decay: cosin", "did you mean cosine?"),
        ("base: 0.1, decay: {cosine: {ends: 1}}", "did you mean end?"),
        ("base: 0.1, decay: step", "decay.step.every is missing"),
        ("base: 0.1, decay: {step: {every: 1 epoch, factor: 2}}", "step.factor: expected a number above 0 and below 1"),
        ("base: 0.1, decay: {step: {every: 0 epochs}}", "step.every: expected a length above 0"),
        ("base: 0.1, decay: {multi-step: {at: []}}", "multi-step.at: expected at least one mark"),
        ("base: 0.1, decay: {multi-step: {at: [1 epoch, 3]}}", "multi-step.at.1: expected a length"),
        ("base: 0.1, decay: polynomial", "polynomial.power is missing"),
        ("base: 0.1, decay: {polynomial: {power: 0}}", "polynomial.power: expected a number above 0"),
        ("base: 0.1, decay: {exponential: {factor: 1}}", "exponential.factor: expected a number above 0 and below 1"),
        (
            "base: 0.1, decay: {restarts: {first: 1 epoch, factor: 0.5}}",
            "restarts.factor: expected a number of at least 1"
        ),
        ("base: 0.1, decay: {cosine: {end: -1}}", "cosine.end: expected a rate of at least 0"),
        ("base: 0.1, decay: {triangular: {up: 1 epoch}}", "triangular.low is missing"),
        (
            "base: 0.1, decay: {triangular: {low: 0, up: 1 epoch, height: halved}}",
            "height: expected constant, halving or"
        ),
        ("base: 0.1, decay: {one-cycle: {rise: 1}}", "one-cycle.rise: expected a share of the run"),
        ("base: 0.1, decay: {one-cycle: {momentum: 0.9}}", "momentum: expected {high: 0.95, low: 0.85} or none"),
        ("base: 0.1, decay: {one-cycle: {momentum: {high: 0.8}}}", "momentum.low: expected at most momentum.high, 0.8"),
        (
            "base: 0.1, decay: {plateau: {metric: test-loss}}",
            "expected validation-loss or validation-accuracy or train-loss"
        ),
        ("base: 0.1, decay: {plateau: {patience: -1}}", "plateau.patience: expected a whole number"),
        ("base: 0.1, decay: {plateau: {threshold: 1}}", "plateau.threshold: expected a share"),
    ])
    func mistakesAreNamed(yaml: String, message: String) {
        let error = #expect(throws: RecipeError.self) {
            try LearningRate(notation: RecipeValue(yaml: "{\(yaml)}"), usual: .constant(1))
        }
        let text = error?.description ?? ""
        #expect(text.contains(message) && !text.contains("\n"), "\(text)")
    }

    @Test func ratesMadeInCodeAreCheckedToo() {
        let rates: [LearningRate] = [
            .constant(.nan), .constant(-1), .base(0.1, scaling: .linear),
            .base(0.1, atBatch: 0, scaling: .linear), .constant(0.1).decay(.exponential(factor: .nan)),
            .constant(0.1).warmup(.updates(-1)), .constant(0.1).warmup(.epochs(.infinity)),
            .constant(0.1).decay(.step(every: .epochs(.nan))), .constant(0.1).decay(.multiStep(at: [])),
            .constant(0.1).decay(.oneCycle(.init(momentum: .init(high: 1)))),
        ]
        for rate in rates { #expect(throws: RecipeError.self) { try resolved(rate) } }
    }

    @Test func notationsComeBack() throws {
        var rates: [LearningRate] = [
            .constant(0.1), .base(0.1, atBatch: 32, scaling: .linear).warmup(.epochs(5)).cosine(),
            .base(0.2, atBatch: 8, scaling: .squareRoot).warmup(.updates(7)),
            .base(0.2, atBatch: 8, scaling: .power(0.75)),
            .constant(0.1).warmup(.examples(1), from: 0.001, shape: .exponential),
            .constant(0.1).warmup(.epochs(2.5), shape: .constant),
        ]
        rates += (Self.decays + Self.cycles).map { .constant(0.1).decay($0) }
        for rate in rates {
            #expect(try LearningRate(notation: rate.notation, usual: .constant(1)) == rate)
            #expect(try LearningRate(notation: RecipeValue(yaml: rate.notation.yaml()), usual: .constant(1)) == rate)
            #expect(try JSONDecoder().decode(LearningRate.self, from: JSONEncoder().encode(rate)) == rate)
        }
        #expect(throws: RecipeError.self) {
            try JSONDecoder().decode(LearningRate.self, from: Data(#"{"decay": "linear"}"#.utf8))
        }
    }

    /// A decay with its defaults is written as its name alone, and read again.
    @Test(arguments: ["constant", "linear", "cosine", "one-cycle", "plateau", "inverse-square-root"])
    func aNameIsEnough(name: String) throws {
        let rate = try LearningRate(
            notation: RecipeValue(yaml: "{base: 0.1, decay: \(name)}"), usual: .constant(1))
        #expect(rate.notation["decay"] == .string(name))
    }
}

extension LearningRate.Decay: CustomTestStringConvertible {
    public var testDescription: String { (try? notation.yaml()) ?? name }
}
