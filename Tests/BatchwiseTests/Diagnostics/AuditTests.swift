import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

@Suite struct AuditTests {
    private static let model = layers(Dense(24), ReLU(), Dropout(0.3), Dense(.classes))
    private static let normalised = layers(
        Dense(24), BatchNorm(ghost: 32), ReLU(), Residual(layers(Dense(24), BatchNorm(ghost: 16))), Dense(.classes))

    private func recipe(_ model: LayerList = model, batch: Batch = Batch(size: 32)) -> Recipe {
        Recipe(
            model: model, batch: batch, optimizer: .adam(weightDecay: 0.01), learningRate: .constant(0.01), epochs: 2,
            seed: 3)
    }

    private func requireSame(_ certificate: AuditCertificate, controls: Int) {
        #expect(certificate.verdict == .sameBits)
        for row in certificate.rows { #expect(row.difference == nil, "\(row)") }
        #expect(certificate.controls.count == controls)
        for control in certificate.controls {
            #expect(control.isCalibrated && control.difference?.relative ?? 0 > 1e-3, "\(control)")
        }
    }

    @Test func digitsComeToTheSameBits() throws {
        let digits = Dataset.digits()
        let certificate = try Audit(Recipe(model: layers(Dense(16), ReLU(), Dense(.classes))), data: digits.train).run()
        requireSame(certificate, controls: 1)
        #expect(certificate.batch == 32 && certificate.lastBatch == 1438 % 32)
        // the last batch of the first epoch, the 45th, is in the middle
        #expect(certificate.firstUpdate == 36 && certificate.updates == 20)
        #expect(certificate.rows.contains { $0.accumulationSteps > 1 && 32 % $0.microBatch != 0 || $0.workers == 3 })
        #expect(certificate.build.count == 32 && certificate.recipe?.count == 64)
        let again = try JSONDecoder().decode(AuditCertificate.self, from: JSONEncoder().encode(certificate))
        #expect(again == certificate)
    }

    /// 100 examples allow many uneven cuts; the last batch has 37.
    @Test func unevenCutsAreTried() throws {
        let data = try SmallData.classes(237, weighted: true)
        let audit = try Audit(recipe(batch: Batch(size: 100)), data: data, updates: 6, workers: 4)
        #expect(audit.unevenCuts == [64, 16] && audit.evenCuts == [] && Audit.unevenSize(of: 100) == 38)
        let certificate = try audit.run()
        requireSame(certificate, controls: 1)
        #expect(certificate.lastBatch == 37)
        #expect(certificate.rows.contains { $0.microBatch == 16 && $0.accumulationSteps == 7 && $0.workers == 1 })
        #expect(certificate.rows.contains { $0.workers == 4 })
        #expect(certificate.rows.contains { $0.name.contains("checkpoint after 3 updates") })
    }

    /// A micro-batch that is asked for is one more run, and a notice says what became of it.
    @Test(arguments: [(7, 16, "raised to 16: micro-batches hold whole grains, here of 16"), (48, 48, nil)])
    func aMicroBatchThatIsAskedForIsTried(asked: Int, size: Int, says: String?) throws {
        let data = try SmallData.classes(237)
        let certificate = try Audit(
            recipe(batch: Batch(size: 100)), data: data, updates: 4, workers: 2, microBatch: asked
        ).run()
        requireSame(certificate, controls: 1)
        let row = try #require(certificate.rows.first { $0.name == "micro-batch \(asked)" })
        #expect(row.microBatch == size && row.workers == 1)
        #expect(certificate.notices == (says.map { ["micro-batch \(asked) \($0)"] } ?? []))
    }

    @Test func statisticsOfMicroBatchesAreAControl() throws {
        let audit = try Audit(recipe(Self.normalised), data: SmallData.classes(107), updates: 8)
        requireSame(try audit.run(), controls: 2)
    }

    @Test(arguments: [1, 2, 3])
    func smallBatches(size: Int) throws {
        let audit = try Audit(recipe(batch: Batch(size: size)), data: SmallData.classes(20), updates: 5)
        requireSame(try audit.run(), controls: size == 3 ? 1 : 0)
    }

    @Test func sampledAugmentedAndMixedExamples() throws {
        let data = try SmallData.classes(90, shape: [6, 6, 2], weighted: true)
        var recipe = recipe(
            batch: Batch(size: 20, sampling: Sampling(by: .classBalance)))
        recipe.model = layers(Conv2D(filters: 4, kernel: 3), ReLU(), Dense(.classes))
        recipe.augmentation = Augmentation([.crop(padding: 1), .mixup(alpha: 0.4)])
        let certificate = try Audit(recipe, data: data, updates: 6).run()
        requireSame(certificate, controls: 1)
        #expect(certificate.rows.contains { $0.name == "4 loading threads" })
    }

    @Test func sparseRows() throws {
        let columns = (0..<60).flatMap { [Int32($0 % 40), Int32(40 + $0 % 50)] }
        let rows = try SparseRows(
            starts: (0...60).map { 2 * $0 }, columns: columns, values: columns.map { Float($0 % 7) + 1 }, width: 100)
        let data = try Dataset(sparse: rows, classes: (0..<60).map { $0 % 3 }, names: ["a", "b", "c"])
        requireSame(try Audit(recipe(), data: data, updates: 4).run(), controls: 1)
    }

    /// A reader whose features are read when a batch needs them.
    @Test func featuresInTheirFile() throws {
        var numbers = TestNumbers("audit")
        let values = numbers.normals(80 * 6).map { Float($0) }
        let file = try TemporaryFile(
            NPYWriter.header(descr: "<f4", shape: [80, 6]) + values.flatMap { withUnsafeBytes(of: $0) { Array($0) } },
            name: "x.npy")
        let labels = try TemporaryFile(
            NPYWriter.header(descr: "|u1", shape: [80]) + (0..<80).map { UInt8($0 % 3) }, name: "y.npy")
        let loaded = try DataSource(train: file.path, labels: labels.path).load(seed: 1, memory: 0)
        guard case .streamed = loaded.train.features else {
            Issue.record("the features are in memory")
            return
        }
        let certificate = try Audit(recipe(), data: loaded.train, updates: 4).run()
        requireSame(certificate, controls: 1)
        #expect(certificate.rows.contains { $0.name == "1 loading thread" })
    }

    /// The comparison tells one seed from another, and finds one wrong bit in the optimizer's state.
    @Test func faultsAreTold() throws {
        let data = try SmallData.classes(107)
        let audit = try Audit(recipe(), data: data, updates: 4)
        let reference = try audit.reference()
        var other = audit.recipe
        other.seed += 1
        var trainer = try audit.trainer(Machine(threads: 1), recipe: other)
        let losses = try audit.losses(&trainer, 4)
        let seed = AuditSnapshot(trainer.checkpoint(), losses: losses)
        let found = try #require(seed.difference(from: reference.snapshot, start: reference.start))
        #expect(found.count > found.total / 2 && found.relative > 0.1)

        var wrong = reference.snapshot
        let last = wrong.values.count - 1
        wrong.values[last].numbers[2] = wrong.values[last].numbers[2].nextUp
        let bit = try #require(wrong.difference(from: reference.snapshot, start: reference.start))
        #expect(bit.unitsInTheLastPlace == 1 && bit.count == 1 && bit.place == "square of 3.bias" && bit.relative == 0)

        wrong = reference.snapshot
        wrong.losses[1] = wrong.losses[1].nextUp
        let loss = try #require(wrong.difference(from: reference.snapshot, start: reference.start))
        #expect(loss.place == "loss of update 2" && loss.unitsInTheLastPlace == 1 && loss.count == 1)
        #expect(reference.snapshot.difference(from: reference.snapshot, start: reference.start) == nil)
    }

    @Test func theVerdictFollowsFromRowsAndControls() throws {
        var certificate = try Audit(recipe(), data: SmallData.classes(40), updates: 2).run()
        #expect(certificate.verdict == .sameBits)
        let difference = certificate.controls[0].difference
        certificate.controls[0].difference = nil
        #expect(certificate.verdict == .invalid)
        certificate.controls[0].difference = difference
        certificate.controls[0].isCalibrated = false
        #expect(certificate.verdict == .invalid)
        certificate.rows[1].difference = difference
        #expect(certificate.verdict == .differs)
    }

    /// The control, which changes weights, gives the mean of the gradients that the micro-batches have on their own.
    @Test(arguments: [false, true])
    func theControlIsAMeanOfMeans(isWeighted: Bool) throws {
        let data = try SmallData.classes(32, weighted: isWeighted)
        var recipe = Recipe(
            model: layers(Dense(9), Tanh(), Dense(.classes)), batch: Batch(size: 32),
            learningRate: .constant(0.1), epochs: 1)
        recipe.optimizer = .sgd(momentum: 0.5)
        var trainer = try Trainer(recipe, data: data, machine: Machine(threads: 1))
        try trainer.weighParts(of: 12, isExact: false)
        _ = try trainer.update()
        let checkpoint = trainer.checkpoint()
        var found: NamedGradients = [:]
        for (parameter, values) in zip(checkpoint.model.parameters, checkpoint.optimizerState[0]) {
            found[parameter.name] = values.map { Double($0) }
        }
        var expected: NamedGradients = [:]
        for part in [0..<12, 12..<24, 24..<32] {
            // each part by its own sum of weights
            let order = EpochOrder(count: 32, seed: recipe.seed, epoch: 1)
            let own = data.rows(part.map { order[$0] }).meanWeight
            let mean = try Trainer.gradient(recipe, data, machine: Machine(threads: 1), positions: part)
            expected.merge(mean.gradients.mapValues { $0.map { $0 * data.meanWeight / own / 3 } }) {
                zip($0, $1).map(+)
            }
        }
        #expect(differences(found, expected, tolerance: 1e-5) == [])
        let whole = try Trainer.gradient(recipe, data, machine: Machine(threads: 1))
        #expect(differences(whole.gradients, expected, tolerance: 1e-3) != [])
    }
}
