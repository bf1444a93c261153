import Foundation
import TestSupport
import Testing

/// Results of papers on small and large batches, on MNIST: docs/experiments.md has the numbers. They take the better
/// part of an hour: `scripts/nightly` sets BATCHWISE_HOURS.
@Suite(.serialized) struct ClassicExperimentsTests {
    private static let isWanted =
        ProcessInfo.processInfo.environment["BATCHWISE_HOURS"] != nil && SharedData.hasMNIST

    /// A net of hidden layers of one width, normalised over the batch or over ghost batches.
    private static func model(layers: Int, width: Int, norm: String) -> String {
        let hidden = "{dense: \(width)}, {batch-norm: \(norm)}, relu"
        return "[flatten, \(Array(repeating: hidden, count: layers).joined(separator: ", ")), {dense: classes}]"
    }

    private static func sweep(_ shop: Workshop, _ options: [String], settings: [String]) throws -> [[String: Any]] {
        let source = "\(SharedData.folder)/mnist/train-images-idx3-ubyte.gz"
        let outcome = try shop.run(
            ["sweep", source, "--json"] + options + settings.flatMap { ["--set", $0] })
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try #require(try outcome.json()["cells"] as? [[String: Any]])
    }

    /// Keskar 2017: at equal training loss a tenth of the data as a batch ends at a sharper place than 256 examples.
    @Test(.enabled(if: isWanted, "needs BATCHWISE_HOURS and the MNIST files"))
    func aLargeBatchEndsAtASharperPlace() throws {
        let cells = try Self.sweep(
            Workshop(),
            ["--over", "batch.size=256,6000", "--seeds", "5", "--goal", "train_loss=0.03", "--sharpness"],
            settings: [
                "model=\(Self.model(layers: 5, width: 512, norm: "batch"))", "optimizer=adam",
                "learning-rate={base: 0.001, decay: constant}", "epochs=30",
            ])
        #expect(cells.count == 10 && cells.allSatisfy { $0["status"] as? String == "goal" })
        let sharpness = cells.compactMap { $0["sharpness"] as? Double }
        #expect(sharpness.count == 10)
        let (small, large) = (sharpness.prefix(5), sharpness.suffix(5))
        #expect(zip(small, large).count { $0 < $1 } >= 4, "\(small) \(large)")
    }

    /// Hoffer 2017: a large batch loses accuracy; a larger rate brings most of it back, and as many updates with ghost
    /// batches bring more than the small batch has.
    @Test(.enabled(if: isWanted, "needs BATCHWISE_HOURS and the MNIST files"))
    func moreUpdatesCloseTheGapOfALargeBatch() throws {
        let shop = try Workshop()
        func accuracy(_ batch: Int, rate: Double, norm: String, times: Int) throws -> Double {
            let marks = [2, 4, 6].map { "\($0 * times) epochs" }.joined(separator: ", ")
            let cells = try Self.sweep(
                shop, ["--seeds", "3"],
                settings: [
                    "model=\(Self.model(layers: 3, width: 256, norm: norm))", "batch.size=\(batch)",
                    "optimizer={sgd: {momentum: 0.9, weight-decay: 0.0001}}", "epochs=\(8 * times)",
                    "learning-rate={base: \(rate), decay: {multi-step: {at: [\(marks)], factor: 0.1}}}",
                ])
            let found = cells.compactMap { $0["test_accuracy"] as? Double }
            #expect(found.count == 3)
            return found.reduce(0, +) / 3
        }
        let small = try accuracy(128, rate: 0.1, norm: "batch", times: 1)
        let large = try accuracy(4096, rate: 0.1, norm: "batch", times: 1)
        let rate = try accuracy(4096, rate: 0.5657, norm: "batch", times: 1)
        let ghost = try accuracy(4096, rate: 0.5657, norm: "{ghost: 128}", times: 1)
        let updates = try accuracy(4096, rate: 0.5657, norm: "{ghost: 128}", times: 32)
        let all = "\(small) \(large) \(rate) \(ghost) \(updates)"
        #expect(large < rate && rate < small && updates > small, "\(all)")
        // the gain of ghost batches is smaller than the spread of three seeds
        #expect(ghost > rate - 0.001 && ghost < small, "\(all)")
    }
}
