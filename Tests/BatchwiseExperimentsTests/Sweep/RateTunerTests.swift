import Testing

@testable import Batchwise
@testable import BatchwiseExperiments

/// Tuning with results that are known for every rate.
@Suite struct RateTunerTests {
    private struct Course {
        var best: Int?
        var isAtEdge = false
        /// How far each step was trained: an eighth, a third, or the whole of the run.
        var trained: [Int: Int] = [:]
        var stopped: [Int: String] = [:]
    }

    /// Tunes until the end; `loss` of a step is nil where it diverges.
    private func tune(batch: Int = 4, _ loss: (Int) -> Double?) throws -> Course {
        let cell = SweepCell(number: 1, settings: [], recipe: Recipe(model: LayerList([]), batch: Batch(size: batch)))
        var tuner = RateTuner(cell, examples: 2400, judged: SweepGoal(.validation, .loss, 0))
        var course = Course()
        while !tuner.isFinished {
            let limit = tuner.limit
            let states = tuner.steps.map { step -> CellTraining.State in
                course.trained[step] = limit ?? 2400
                guard let found = loss(step) else { return .ended(CellOutcome(status: .diverged)) }
                guard limit == nil else { return .paused(found) }
                var outcome = CellOutcome(status: .finished)
                outcome.metric = found
                return .ended(outcome)
            }
            for (step, reason) in tuner.add(states) { course.stopped[step] = reason }
            try #require(course.trained.count < 20)
        }
        (course.best, course.isAtEdge) = (tuner.best, tuner.isAtEdge)
        return course
    }

    @Test func theBestOfTheGridIsFoundByHalving() throws {
        let course = try tune { Double(($0 - 1) * ($0 - 1)) + ($0 == 0 ? -0.5 : 0) }
        #expect(course.best == 1 && !course.isAtEdge)
        #expect(course.trained == [-2: 300, -1: 300, 0: 2400, 1: 2400, 2: 800])
        #expect(Set(course.stopped.keys) == [-2, -1, 2])
        #expect(course.stopped[-2]?.contains("after 300 examples") == true)
        #expect(course.stopped[2]?.contains("after 800 examples") == true)
    }

    /// Large batches are not judged after a handful of updates.
    @Test func aRungHasUpdatesEnough() throws {
        let course = try tune(batch: 50) { abs(Double($0 - 1)) }
        // 20 updates, then 40, which leave the third rate behind
        #expect(course.trained == [-2: 1000, -1: 1000, 0: 2400, 1: 2400, 2: 2000])
    }

    @Test(arguments: [-5, -3, 3, 4, 5]) func theGridGrowsWhileItsEdgeWins(optimum: Int) throws {
        let course = try tune { abs(Double($0 - optimum)) }
        #expect(course.best == optimum && !course.isAtEdge)
        // one more was tried, which was worse
        #expect(course.trained[optimum + optimum.signum()] == 2400)
    }

    @Test func aBestRateAtTheEdgeIsReported() throws {
        let course = try tune { -Double($0) }
        #expect(course.best == RateTuner.farthest && course.isAtEdge)
        #expect(course.trained.keys.max() == RateTuner.farthest)
    }

    @Test func ratesThatDivergeAreNoEdge() throws {
        let course = try tune { $0 > 0 ? nil : -Double($0) + 5 * Double($0 * $0) }
        #expect(course.best == 0 && !course.isAtEdge)
        let low = try tune { $0 > -4 ? nil : 1 - Double($0) }
        #expect(low.best == -4 && !low.isAtEdge)
        let none = try tune { _ in nil }
        #expect(none.best == nil && none.trained.keys.min() == -RateTuner.farthest)
    }
}
