import Testing

@testable import Batchwise

/// Tests of the parameters that a group matches and of its effects, and of clipping and averages as recipes write them.
@Suite struct ParameterGroupTests {
    @Test(arguments: [
        ("*.bias", "0.bias", true), ("*.bias", "0.weight", false), ("0", "0.weight", true), ("0", "10.weight", false),
        ("blocks.0.*", "blocks.0.1.weight", true), ("blocks.0", "blocks.0.1.weight", true),
        ("blocks", "blocks.0.1.weight", true), ("block", "blocks.0.1.weight", false), ("?.weight", "3.weight", true),
    ])
    func patternsMatchParametersAndLayers(pattern: String, name: String, matches: Bool) {
        #expect(ParameterGroup(match: pattern).matches(name) == matches)
    }

    private static let model = layers(Dense(6).named("body"), ReLU(), Dense(.classes).named("head"))

    private func rules(_ groups: [ParameterGroup]) throws -> [String: UpdateRules.Parameter] {
        let recipe = Recipe(model: Self.model, optimizer: .adamW(weightDecay: 0.1), groups: groups)
        let graph = try recipe.model.graph(inputShape: [4], outputs: 3, purpose: .training)
        let rules = UpdateRules(recipe, graph: graph)
        return .init(uniqueKeysWithValues: zip(graph.parameters.map(\.name), rules.parameters))
    }

    /// Each setting is decided by the last group that says it.
    @Test func theLastGroupThatSaysItDecides() throws {
        let usual = try rules([])
        #expect(usual["body.weight"] == .init(rate: 1, decay: 0.1) && usual["body.bias"] == .init(rate: 1, decay: 0))
        let found = try rules([
            .init(match: "body", rate: 0.5, weightDecay: 0.2), .init(match: "*.bias", rate: 2),
            .init(match: "head.weight", weightDecay: 0),
        ])
        #expect(found["body.weight"] == .init(rate: 0.5, decay: 0.2))
        #expect(found["body.bias"] == .init(rate: 2, decay: 0.2))
        #expect(found["head.weight"] == .init(rate: 1, decay: 0))
    }

    @Test func frozenParametersStay() throws {
        let data = try SmallData.classes(20)
        func recipe(_ groups: [ParameterGroup]) -> Recipe {
            Recipe(model: Self.model, batch: Batch(size: 5), epochs: 2, groups: groups)
        }
        let frozen = recipe([.init(match: "body", freeze: true), .init(match: "body.bias", freeze: false)])
        var trainer = try Trainer(frozen, data: data)
        let before = trainer.model()
        let after = try trainer.run()
        for name in before.parameterNames {
            let isSame = before.parameter(name)?.values == after.parameter(name)?.values
            #expect(isSame == (name == "body.weight"), "\(name)")
        }
        for (groups, part) in [
            ([ParameterGroup(match: "bdy.weight", rate: 2)], "did you mean body.weight"),
            ([.init(match: "heads", rate: 2)], "did you mean head"),
            ([.init(match: "body", freeze: true), .init(match: "head", freeze: true)], "freeze of all"),
        ] {
            do {
                _ = try Trainer(recipe(groups), data: data)
                Issue.record("\(groups) went well")
            } catch { #expect("\(error)".contains(part), "\(error)") }
        }
    }

    /// A rate of 0 and freezing leave the same parameters.
    @Test func aRateOfZeroIsAFrozenParameter() throws {
        let data = try SmallData.classes(20)
        let fingerprints = try [ParameterGroup(match: "body", rate: 0), .init(match: "body", freeze: true)].map {
            try Trainer.fingerprint(
                Recipe(
                    model: Self.model, batch: Batch(size: 5), optimizer: .sgd(momentum: 0.9), epochs: 2, groups: [$0]),
                data, Machine(threads: 2))
        }
        #expect(fingerprints[0] == fingerprints[1])
    }

    @Test func notationsComeBack() throws {
        let recipe = Recipe(
            model: Self.model, clip: .parameterNorm(0.5),
            groups: [.init(match: "body", rate: 0.1), .init(match: "*.bias", weightDecay: 0.01, freeze: false)],
            average: .equal(from: .epochs(15), every: .epochs(1)))
        let read = try Recipe(notation: recipe.notation())
        #expect(read.clip == recipe.clip && read.groups == recipe.groups && read.average == recipe.average)
        for clip in [Clipping.norm(1), .value(0.1)] { #expect(try Clipping(notation: clip.notation) == clip) }
        let ema = WeightAverage.exponential(decay: 0.999)
        #expect(try WeightAverage(notation: ema.notation) == ema)
    }

    @Test(arguments: [
        ("clip: {norn: 1}", "clip.norn: did you mean norm"), ("clip: {norm: 0}", "clip.norm"),
        ("clip: {norm: 1, value: 1}", "clip: expected one of"), ("clip: {}", "clip: expected one of"),
        ("groups: {match: a}", "groups: expected a list"), ("groups: [{rate: 1}]", "groups.0.match is missing"),
        ("groups: [{match: a}]", "groups.0 is missing"), ("groups: [{match: a, rate: -1}]", "groups.0.rate"),
        ("average: {ema: 1}", "average.ema"), ("average: {emma: 0.9}", "did you mean ema"),
        ("average: {ema: 0.9, swa: 5 epochs}", "average: expected"), ("average: {swa: {}}", "average.swa.from"),
        ("average: {swa: {from: 5 weeks}}", "average.swa.from"),
    ])
    func mistakesAreNamed(text: String, part: String) throws {
        let notation = try RecipeValue(yaml: text)
        do {
            _ = try Recipe(notation: notation)
            Issue.record("\(text) went well")
        } catch { #expect("\(error)".contains(part), "\(error)") }
    }

    @Test func averagesThatNeverBeginAreRefused() throws {
        let data = try SmallData.classes(20)
        let recipe = Recipe(model: Self.model, epochs: 2, average: .equal(from: .epochs(3), every: .epochs(1)))
        #expect(throws: RecipeError.self) { _ = try Trainer(recipe, data: data) }
    }
}
