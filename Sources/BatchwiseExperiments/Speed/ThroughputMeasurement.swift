import Batchwise
import BatchwiseData
import Foundations

/// The speed of training over the batch size, on this machine.
package struct ThroughputMeasurement: Sendable {
    /// The speed at one batch size.
    package struct Row: Sendable {
        package let batch: Int
        package let workers: Int
        package let speed: Plan.Speed
        /// Multiply-adds of the model's products a second.
        package let multiplicationsPerSecond: Double
    }

    package private(set) var rows: [Row] = []
    /// A power of two near the recipe's batch, and the sizes beside it.
    package private(set) var neighbours: [Row] = []
    /// Multiply-adds a second of products of large matrices, on as many threads.
    package let ceiling: Double
    package let fit: TimeOfUpdate?
    /// The line of a recipe whose batch grows by goodput on this machine; nil where no overhead or no larger batch was
    /// measured.
    package private(set) var growth: String?

    /// The smallest measured batch whose speed is nine tenths of the best.
    package var knee: Int? {
        guard let best = rows.map(\.speed.examplesPerSecond).max() else { return nil }
        return rows.first { $0.speed.examplesPerSecond >= 0.9 * best }?.batch
    }

    /// Measures each size for about so long.
    package init(
        _ subject: Subject, batches: [Int]? = nil, seconds: Double = 0.1, progress: (String) -> Void = { _ in }
    ) throws {
        let examples = subject.data.train.count
        let sizes = batches ?? Self.usualSizes(examples, recipe: subject.recipe.batch.size)
        if let large = sizes.first(where: { $0 > examples }) {
            throw MeasurementError.batchBeyondData(batch: large, examples: examples)
        }
        progress("the machine's ceiling")
        let before = try Self.ceiling(subject.machine, seconds: seconds)
        func row(_ size: Int) throws -> Row {
            progress("batches of \(size)")
            let recipe = subject.recipe(batch: size)
            let run = try Trainer.prepare(recipe, data: subject.data.train, machine: subject.machine)
            let speed = try run.measured(seconds: seconds)
            return Row(
                batch: size, workers: run.plan.workers, speed: speed,
                multiplicationsPerSecond: run.multiplicationsPerExample * speed.examplesPerSecond)
        }
        for size in sizes.sorted() { rows.append(try row(size)) }
        fit = TimeOfUpdate(rows.map { .init(batch: $0.batch, seconds: $0.speed.secondsPerUpdate) })
        let most = sizes.filter { 2 * $0 <= examples }.max() ?? 0
        if let overhead = fit?.overhead, most > subject.recipe.batch.size {
            let number = rounded(overhead, digits: 2)
            growth =
                "batch: {size: \(subject.recipe.batch.size), grow: {by: goodput, "
                + "overhead: \(Int(exactly: number).map(String.init) ?? "\(number)"), up-to: \(most)}}"
        }
        let power = Self.powerOfTwo(near: subject.recipe.batch.size)
        if batches == nil, power > 2, power + 1 <= examples {
            for size in power - 1...power + 1 { neighbours.append(try row(size)) }
        }
        // the higher of two, for another program may have slowed one
        ceiling = max(before, try Self.ceiling(subject.machine, seconds: seconds))
    }

    /// A row's multiply-adds over those of the ceiling; nil for a model without products.
    package func shareOfCeiling(_ row: Row) -> Double? {
        row.multiplicationsPerSecond > 0 ? row.multiplicationsPerSecond / ceiling : nil
    }

    private static func usualSizes(_ examples: Int, recipe: Int) -> [Int] {
        var sizes: Set<Int> = [min(recipe, examples)]
        var size = 1
        while size <= min(examples, 8192) {
            sizes.insert(size)
            size *= 2
        }
        return sizes.sorted()
    }

    private static func powerOfTwo(near size: Int) -> Int {
        var power = 1
        while 2 * power <= size { power *= 2 }
        return size - power > 2 * power - size ? 2 * power : power
    }

    /// Trains a wide layer on large batches: nearly all of it is products of large matrices.
    private static func ceiling(_ machine: Machine, seconds: Double) throws -> Double {
        let (width, count) = (1024, 1024)
        let features = (0..<width * count).map { Float(($0 * 31) % 97) / 97 - 0.5 }
        let data = try Dataset(features: features, shape: [width], classes: (0..<count).map { $0 % 2 })
        let recipe = Recipe(
            model: LayerList {
                Dense(1024)
                Dense(.classes)
            }, batch: Batch(size: count), optimizer: .sgd, learningRate: .constant(0.1), epochs: 1)
        var free = machine
        (free.microBatch, free.accumulation, free.memory) = (nil, nil, nil)
        let run = try Trainer.prepare(recipe, data: data, machine: free)
        return run.multiplicationsPerExample * (try run.measured(seconds: seconds).examplesPerSecond)
    }
}
