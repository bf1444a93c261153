import Testing

@testable import Batchwise
@testable import BatchwiseExperiments
@testable import BatchwiseRuns

@Suite struct CellWatchTests {
    private func mark(_ update: Int, _ accuracy: Double, part: RunEvent.Evaluated.Part = .test) -> RunEvent {
        .evaluation(
            .init(
                time: "", update: update, epoch: 1, part: part,
                result: Evaluation(examples: 10, loss: 1 - accuracy, accuracy: accuracy), trained: update * 8,
                seconds: Double(update) / 2))
    }

    private func place(_ update: Int) -> GoalPlace {
        GoalPlace(updates: update, examples: update * 8, seconds: Double(update) / 2)
    }

    @Test func aGoalIsReachedAtTheFirstOfTwoMarksInARow() {
        var watch = CellWatch(goal: SweepGoal(.test, .accuracy, 0.9))
        let marks = [(1, 0.2), (2, 0.95), (3, 0.85), (4, 0.9), (5, 0.92), (6, 0.1)]
        let ends = marks.map { watch.add(mark($0.0, $0.1)) }
        #expect(ends == [false, false, false, false, true, true])
        #expect(watch.end == .goal(place(4)) && watch.metric == 0.92)
    }

    @Test func aLossFallsToItsGoal() {
        var watch = CellWatch(goal: SweepGoal(.test, .loss, 0.25))
        let ends = [(1, 0.5), (2, 0.75), (3, 0.8)].map { watch.add(mark($0.0, $0.1)) }
        #expect(ends == [false, false, true])
        #expect(watch.end == .goal(place(2)))
    }

    @Test func otherPartsAndTheKeptModelDoNotCount() {
        var watch = CellWatch(goal: SweepGoal(.test, .accuracy, 0.9))
        // the model that is kept may be another than that of the last update
        let events = [mark(1, 0.95, part: .validation), mark(2, 0.95), mark(2, 0.99)]
        let ends = events.map { watch.add($0) }
        #expect(ends == [false, false, false])
        #expect(watch.end == nil && watch.goalAtEnd == place(2))
    }

    @Test func aLimitGivesTheMetricAtItsMark() {
        var watch = CellWatch(goal: nil, judged: SweepGoal(.validation, .loss, 0), limit: 24)
        let ends = [(1, 0.5), (2, 0.6), (3, 0.75)].map { watch.add(mark($0.0, $0.1, part: .validation)) }
        #expect(ends == [false, false, true])
        #expect(watch.end == .limit(0.25))
    }

    @Test func aLossFarBeyondItsStartDiverges() {
        func epoch(_ number: Int, _ loss: Double) -> RunEvent {
            .epoch(
                .init(
                    time: "", epoch: number, updates: 10 * number, examples: 80, trainLoss: loss, trainAccuracy: nil,
                    validation: nil, test: nil, isClassification: false, learningRate: 1, batch: 8, seconds: 1))
        }
        func update(_ number: Int, _ loss: Double) -> RunEvent {
            .update(
                .init(
                    time: "", update: number, epoch: 1, batch: 8, examples: 8 * number, loss: loss, learningRate: 1,
                    seconds: 1))
        }
        var watch = CellWatch(goal: nil)
        let events = [update(1, 2), update(2, 5000), epoch(1, 19), epoch(2, 21)]
        let ends = events.map { watch.add($0) }
        #expect(ends == [false, false, false, true])
        guard case .diverged(let reason)? = watch.end else { return #expect(Bool(false)) }
        #expect(reason.contains("epoch 2") && reason.contains("21"))
    }
}
