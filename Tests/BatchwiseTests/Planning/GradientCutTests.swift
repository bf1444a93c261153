import CKernels
import TestSupport
import Testing

@testable import Batchwise

/// Slices are counted without a list of them, and the counts are those of the list.
@Suite struct GradientCutTests {
    @Test(arguments: BudgetTests.cases, [1, 2, 7])
    func countsAreThoseOfTheList(example: BudgetTests.Case, workers: Int) throws {
        let plan = try Trainer.prepare(
            Recipe(model: example.model, batch: example.batch), data: SmallData.classes(600, shape: example.shape),
            machine: Machine(threads: workers)
        ).execution
        let list = plan.slices(plan.cuts, workers: workers)
        #expect(plan.cuts.sliceCount == list.slices.count && list.owned.count == workers)
        #expect(plan.cuts.map(\.largest).max() == list.slices.map(\.count).max())
        for cut in plan.cuts {
            // every number of the gradient is in one slice
            let own = list.slices.filter { $0.parameter == cut.parameter }
            let parameter = plan.layout.parameters[cut.parameter]
            var places: [Int] = []
            for slice in own { places += slice.start..<slice.start + slice.count }
            #expect(places.sorted() == Array(0..<parameter.count) && cut.floats == parameter.count)
            #expect(own.count == cut.count)
        }
    }

    /// 4.8 thousand million parameters are 12 GiB; nothing of that size may be touched to say so.
    @Test(arguments: [Optimizer.sgd(momentum: 0), .adam()])
    func aModelThatCannotFitIsRefusedAtOnce(optimizer: Optimizer) throws {
        let recipe = Recipe(
            model: layers(Dense(40_000), Dense(40_000), Dense(40_000), Dense(.classes)), batch: Batch(size: 500),
            optimizer: optimizer)
        let data = try SmallData.classes(600)
        let start = secondsOfThread()
        let error = #expect(throws: PlanError.self) {
            _ = try Plan(recipe, data: data, machine: Machine(threads: 2, memory: 1 << 26))
        }
        #expect(secondsOfThread() - start < 2)
        guard case .overBudget(let limit, let least, let reason)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        let vectors = 1 + optimizer.rule.stateNames.count
        #expect(limit == 1 << 26 && least > 4 * vectors * 3_200_000_000 && reason.contains("1600040000 parameters"))
    }
}
