import Testing

@testable import Batchwise

@Suite struct FiniteDifferenceTests {
    @Test(arguments: GradientCase.all)
    func everyLayerMatchesFiniteDifferences(example: GradientCase) throws {
        let check = try GradientCheck(example)
        let expected = check.finiteDifferences()
        #expect(expected.values.contains { $0.contains { abs($0) > 1e-3 } })
        #expect(differences(check.gradients(), expected) == [])
    }

    @Test func casesHaveTheirOwnNames() {
        #expect(Set(GradientCase.all.map(\.name)).count == GradientCase.all.count)
    }

    @Test func comparisonSeesMistakes() throws {
        let example = GradientCase(
            name: "mistakes", outputs: 4, loss: .meanSquaredError(half: true),
            model: layers(Tied(), Tanh(), Dense(4)))
        let check = try GradientCheck(example)
        let expected = check.finiteDifferences()
        #expect(differences(check.gradients(), expected) == [])

        var slope = check.training
        var transposed = check.training
        var loss = check.training
        var forgotten = check.training
        for index in check.training.nodes.indices {
            switch check.training.nodes[index].operation {
            case .unaryGradient: slope.nodes[index].operation = .unaryGradient(.sigmoid)
            case .denseInputGradient: transposed.nodes[index].operation = .dense
            case .lossGradient: loss.nodes[index].operation = .lossGradient(.meanSquaredError())
            default: break
            }
        }
        for index in forgotten.gradients.indices where forgotten.gradients[index].reductions.count > 1 {
            forgotten.gradients[index].reductions.removeLast()
        }
        for broken in [slope, transposed, loss, forgotten] {
            #expect(differences(check.gradients(of: broken), expected) != [])
        }
    }

    @Test func comparisonSeesOneWrongNumber() throws {
        let check = try GradientCheck(GradientCase(name: "scaled", model: Dense(3)))
        let expected = check.finiteDifferences()
        for name in expected.keys {
            var scaled = check.gradients()
            scaled[name] = scaled[name]?.map { $0 * 1.0001 }
            #expect(differences(scaled, expected) != [])
            var missing = check.gradients()
            missing[name] = nil
            #expect(differences(missing, expected) != [])
            var poisoned = check.gradients()
            poisoned[name]?[0] = .nan
            #expect(differences(poisoned, expected) != [])
        }
    }
}
