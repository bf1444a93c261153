import Foundation
import Testing

/// The planned memory against the memory that a process really took. Slow: `scripts/nightly` sets BATCHWISE_SLOW.
@Suite(.serialized) struct MemoryTests {
    private static let isSlowWanted = ProcessInfo.processInfo.environment["BATCHWISE_SLOW"] != nil
    private static let isLinux = FileManager.default.fileExists(atPath: "/proc/self/clear_refs")

    struct Found {
        var planned, growth, microBatch: Int
        var hash: String
    }

    private func probe(
        _ model: String, batch: Int, microBatch: Int = 0, workers: Int, budget: Int = 0, updates: Int = 2,
        examples: Int = 1024
    ) throws -> Found {
        let numbers = [batch, microBatch, workers, budget, updates, examples].map(String.init)
        let json = try Workshop().run(executable: "MemoryProbe", [model] + numbers).json()
        return Found(
            planned: try #require(json["planned"] as? Int), growth: try #require(json["growth"] as? Int),
            microBatch: try #require(json["micro_batch"] as? Int),
            hash: try #require(json["parameters_sha256"] as? String))
    }

    /// Within 3% or 4 MiB.
    @Test(
        .enabled(if: isSlowWanted && isLinux, "needs BATCHWISE_SLOW and /proc"), arguments: ["mlp", "conv", "resnet"],
        [1, 2])
    func plannedBytesAreWhatIsTaken(model: String, workers: Int) throws {
        for microBatch in [32, 64, 96, 128, 256] {
            let found = try probe(model, batch: 512, microBatch: microBatch, workers: workers)
            #expect(found.microBatch == microBatch)
            let difference = abs(found.growth - found.planned)
            #expect(
                difference <= max(found.planned * 3 / 100, 4 << 20),
                "micro-batch \(microBatch): planned \(found.planned), took \(found.growth)")
        }
    }

    /// 4,096 images a batch, in 64 MiB and with all the memory that one may want.
    @Test(.enabled(if: isSlowWanted, "needs BATCHWISE_SLOW"))
    func aBatchOf4096TrainsIn64MiBToTheSameBits() throws {
        let small = try probe("conv", batch: 4096, workers: 2, budget: 64 << 20, examples: 4096)
        #expect(small.planned <= 64 << 20)
        // the most that fits: 64 examples of a worker, then all of a worker's share
        let most = try probe("conv", batch: 4096, microBatch: 2048, workers: 2, budget: 4 << 30, examples: 4096)
        #expect(most.microBatch == 2048 && most.planned > 1 << 30)
        #expect(small.hash == most.hash)
        if Self.isLinux { #expect(small.growth <= 64 << 20) }
        // the negative control: one update more is another model
        #expect(try probe("conv", batch: 4096, workers: 2, updates: 1, examples: 4096).hash != small.hash)
    }
}
