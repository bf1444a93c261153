import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseRuns

/// The gradient noise scale over all updates of a run.
@Suite struct RunNoiseTests {
    private static func options(_ checkpoints: CheckpointSchedule) -> RunOptions {
        RunOptions(machine: Machine(threads: 1), checkpoints: checkpoints, measuresNoise: true)
    }

    /// The samples of a trainer, added one after the other.
    private static func oracle() throws -> NoiseScale {
        let (recipe, data) = try Recipes.digits().withData { _ in }
        let quantity = GradientNoise(.examples, every: 8)
        var trainer = try Trainer(recipe, data: data.train, validation: data.validation, quantities: [quantity])
        var noise = NoiseScale()
        while !trainer.isFinished {
            if let sample = try trainer.update().measurements[quantity] { noise.add(sample) }
        }
        return noise
    }

    @Test func itIsThatOfAllSamplesWhereverTheRunIsCut() throws {
        let folder = try TemporaryFolder()
        let expected = try Self.oracle()
        #expect(expected.updates > 25)
        var whole = try Run(Recipes.digits(), in: folder.at("whole"), options: Self.options(.epochs(1)))
        var copies = 0
        try whole.train { report in
            guard case .epoch(let epoch) = report else { return }
            // the newest checkpoint is that of the end of the epoch before
            try? folder.copy("whole", to: "killed-\(epoch.epoch)")
            copies += 1
        }
        let found = whole.noise
        #expect(copies == 6 && found == expected)
        for epoch in 2...6 {
            var resumed = try Run(resuming: folder.at("killed-\(epoch)"), options: Self.options(.epochs(1)))
            let before = resumed.noise?.updates ?? 0
            #expect(before > 0 && before < expected.updates)
            try resumed.train()
            let noise = resumed.noise
            #expect(noise == expected, "\(epoch)")
            #expect(try folder.course("killed-\(epoch)") == folder.course("whole"))
        }
        // stopped within epochs, again and again
        var rounds = 0
        var noise: NoiseScale?
        while noise == nil {
            var cut =
                rounds == 0
                ? try Run(Recipes.digits(), in: folder.at("cut"), options: Self.options(.usual))
                : try Run(resuming: folder.at("cut"), options: Self.options(.usual))
            let limit = cut.progress.updates + 29
            cut.watch = RunWatch(parts: [.validation]) { $0.update >= limit }
            try cut.train()
            rounds += 1
            if cut.isFinished { noise = cut.noise }
        }
        #expect(rounds > 4 && noise == expected)
        // a finished run knows it when it is opened again
        let again = try Run(resuming: folder.at("cut"), options: Self.options(.usual))
        let kept = again.noise
        #expect(kept == expected)
    }

    @Test func aRunThatDoesNotMeasureHasNone() throws {
        let folder = try TemporaryFolder()
        var run = try Run(Recipes.digits(epochs: 1), in: folder.at("run"))
        try run.train()
        let noise = run.noise
        #expect(noise == nil)
    }
}
