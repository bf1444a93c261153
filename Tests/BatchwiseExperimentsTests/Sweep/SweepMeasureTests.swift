import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseExperiments
@testable import BatchwiseRuns

/// The measurements that a sweep makes of its cells.
@Suite struct SweepMeasureTests {
    private static let model = RecipeValue.list([
        .map([.init("dense", .int(12))]), .string("relu"), .map([.init("dense", .string("classes"))]),
    ])
    private static let recipe = RecipeValue.map([
        .init("data", .string("digits")), .init("model", model), .init("epochs", .int(4)),
    ])

    private func result(
        _ measures: Set<SweepMeasure>, sizes: String = "8,64,512", goal: String? = nil, in folder: TemporaryFolder,
        _ name: String
    ) throws -> SweepResult {
        let sweep = try Sweep(
            Self.recipe.setting(["epochs"], to: .int(goal == nil ? 4 : 30)), over: [SweepAxis("batch.size=\(sizes)")],
            seeds: 2, goal: goal.map { try SweepGoal($0) },
            measures: measures)
        return try #require(
            try SweepRunner(sweep).run(in: SweepDirectory(sweep, at: folder.at(name), source: "")))
    }

    /// The noise scale of the cells with the middle batch is the ratio of two sums over a trainer's own samples.
    @Test func thePredictionIsTheRatioOfTheSumsOfAllSamples() throws {
        let folder = try TemporaryFolder()
        let found = try result([.noiseScale], goal: "test_accuracy=0.85", in: folder, "measured")
        let plain = try result([], goal: "test_accuracy=0.85", in: folder, "plain")
        #expect(plain.predictedCriticalBatch == nil)
        var (squares, variances, updates) = (0.0, 0.0, 0)
        for (cell, other) in zip(found.cells, plain.cells) {
            let outcome = cell.outcome
            #expect(outcome.parametersSHA256 == other.outcome.parametersSHA256 && outcome.goal?.updates ?? 0 > 0)
            guard cell.cell.recipe.batch.size == 64 else {
                #expect(outcome.noise == nil)
                continue
            }
            let (recipe, data) = try cell.cell.recipe.withData { _ in }
            let quantity = GradientNoise(.examples, every: 8)
            var trainer = try Trainer(recipe, data: data.train, quantities: [quantity])
            while trainer.progress.updates < outcome.updates {
                guard let sample = try trainer.update().measurements[quantity] else { continue }
                squares += sample.model.squaredNorm
                variances += sample.model.variance
                updates += 1
            }
        }
        let predicted = try #require(found.predictedCriticalBatch)
        #expect(predicted.batch == 64 && predicted.runs == 2 && predicted.noise.updates == updates && updates > 3)
        #expect(abs(try #require(predicted.noise.noiseScale) / (variances / squares) - 1) < 1e-9)
        let (ratio, critical) = (try #require(predicted.ratio), try #require(found.criticalBatch?.value))
        #expect(abs(ratio / (variances / squares / critical) - 1) < 1e-9)
    }

    /// The shape of a cell is what the measures say of its model; the examples do not depend on its seed.
    @Test func theShapeIsThatOfTheModel() throws {
        let folder = try TemporaryFolder()
        let found = try result([.sharpness, .curvature], sizes: "512,32", in: folder, "sweep")
        for cell in found.cells {
            let shape = try #require(cell.outcome.shape)
            var (recipe, data) = try cell.cell.recipe.withData { _ in }
            recipe.seed = found.cells[0].cell.recipe.seed
            let model = try SavedModel("\(folder.at("sweep"))/\(cell.cell.folder)").model
            let subject = try Subject(recipe, data: data, model: model, machine: Machine(threads: 1))
            var settings = SharpnessMeasurement.Settings()
            settings.epsilons = [1e-3]
            let measured = try SharpnessMeasurement(subject, settings)
            #expect(shape.examples == 1438 && shape.loss == measured.loss)
            #expect(shape.sharpness == measured.boxes[0].sharpness && measured.boxes[0].sharpness > 0)
            #expect(shape.subspaceSharpness == measured.boxes[1].sharpness && shape.ascent == measured.ascent.rise)
            let curvature = try CurvatureMeasurement(subject, .init(eigenvalues: 1), vectors: 1)
            #expect(shape.largestEigenvalue == curvature.spectrum.largest[0].value && shape.notes.isEmpty)
        }
        #expect(Set(found.cells.map(\.outcome.shape)).count == found.cells.count)
        // from the smallest batch, means of the seeds
        #expect(found.shapes.map(\.batch) == [32, 512])
        let mean = found.cells.suffix(2).compactMap(\.outcome.shape?.sharpness).reduce(0, +) / 2
        #expect(abs(try #require(found.shapes[0].shape(\.sharpness)) - mean) < 1e-12)
    }

    /// Layers that normalise the whole batch have a sharpness, and no products of the Hessian: a sentence says so.
    @Test func aMeasureThatTheModelDoesNotHaveIsNamed() throws {
        let folder = try TemporaryFolder()
        let model = RecipeValue.list([
            .map([.init("dense", .int(8))]), .map([.init("batch-norm", .string("batch"))]), .string("relu"),
            .map([.init("dense", .string("classes"))]),
        ])
        let sweep = try Sweep(
            Self.recipe.setting(["model"], to: model).setting(["epochs"], to: .int(1)), over: [], seeds: 2,
            measures: [.sharpness, .curvature])
        let directory = try SweepDirectory(sweep, at: folder.at("sweep"), source: "")
        let found = try #require(try SweepRunner(sweep).run(in: directory))
        for cell in found.cells {
            let shape = try #require(cell.outcome.shape)
            #expect(cell.outcome.status == .finished && shape.sharpness ?? -1 > 0 && shape.largestEigenvalue == nil)
            #expect(shape.notes.count == 1 && shape.notes[0].hasPrefix("the curvature was not measured: "))
        }
    }
}
