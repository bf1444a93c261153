import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseRuns

@Suite struct RunWatchTests {
    @Test func marksAreFivePercentApart() {
        var marks: [Int] = []
        while marks.last ?? 0 < 100_000 { marks.append(RunWatch.mark(after: marks.last ?? 0)) }
        #expect(Array(marks.prefix(43)) == Array(1...40) + [42, 44, 46])
        for (one, next) in zip(marks, marks.dropFirst()) where one > 40 {
            #expect(next > one && Double(next) / Double(one) <= 1.05 + 1e-12 && Double(next) / Double(one) > 1.03)
        }
        // any number leads to the next mark
        for updates in 0..<5000 { #expect(RunWatch.mark(after: updates) == marks.first { $0 > updates }) }
    }

    /// A run that is watched has the bits of one that is not, and its evaluations are those of the model at each mark.
    @Test func aWatchChangesNoBit() throws {
        let folder = try TemporaryFolder()
        let recipe = Recipes.digits(epochs: 2)
        var alone = try Run(recipe, in: folder.at("alone"))
        let expected = try alone.train()
        var run = try Run(recipe, in: folder.at("watched"))
        var seen: [RunEvent.Evaluated] = []
        run.watch = RunWatch(parts: [.train, .test]) { event in
            if case .evaluation(let mark) = event { seen.append(mark) }
            return false
        }
        let summary = try run.train()
        #expect(summary.parametersSHA256 == expected.parametersSHA256 && summary.test == expected.test)
        let tests = seen.filter { $0.part == .test }
        #expect(
            tests.map(\.update) == [Int](1...40) + [41, 42] + stride(from: 44, through: 60, by: 2) + [
                63, 66, 69, 72, 75, 78, 81, 82,
            ])
        let (complete, data) = try recipe.withData { _ in }
        var trainer = try Trainer(complete, data: data.train)
        for mark in tests {
            while trainer.progress.updates < mark.update { _ = try trainer.update() }
            let scores: ScoreParts = mark.result.classification == nil ? [] : .all
            #expect(try trainer.model().evaluate(#require(data.test), scores: scores) == mark.result)
            #expect(mark.trained == trainer.progress.examples)
        }
        let times = tests.compactMap(\.seconds)
        #expect(times.count == tests.count && times == times.sorted())
        #expect(times.last ?? .infinity <= summary.seconds + 1e-9)
    }

    @Test(arguments: [30, 41, 50]) func aWatchEndsTheRunAtAMark(update: Int) throws {
        let folder = try TemporaryFolder()
        let recipe = Recipes.digits(epochs: 3)
        var alone = try Run(recipe, in: folder.at("alone"))
        let expected = try alone.train()
        var run = try Run(recipe, in: folder.at("run"))
        run.watch = RunWatch(parts: [.validation]) { if case .evaluation = $0 { $0.update >= update } else { false } }
        #expect(try run.train().updates == update && !run.isFinished)
        run.watch = nil
        #expect(try run.train().parametersSHA256 == expected.parametersSHA256)
    }
}
