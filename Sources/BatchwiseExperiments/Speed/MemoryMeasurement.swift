import Batchwise
import BatchwiseData

#if canImport(Glibc)
    import Glibc
#endif

/// The memory of training over the batch size: what the plan says, and what the process takes.
package struct MemoryMeasurement: Sendable {
    /// The memory of one batch size.
    package struct Row: Sendable {
        package let batch: Int
        /// The micro-batch that the plan chose.
        package let microBatch: Int
        /// The bytes of the plan, the data set left out.
        package let planned: Int
        /// The bytes by which the process grew while two updates were made; nil where the plan does not fit.
        package let taken: Int?
    }

    package private(set) var rows: [Row] = []

    package init(_ subject: Subject, batches: [Int]? = nil, progress: (String) -> Void = { _ in }) throws {
        let examples = subject.data.train.count
        let sizes = batches ?? [1, 8, 32, 128, 512, 2048, 8192].filter { $0 <= examples } + [subject.recipe.batch.size]
        if let large = batches?.first(where: { $0 > examples }) {
            throw MeasurementError.batchBeyondData(batch: large, examples: examples)
        }
        for size in Set(sizes.map { min($0, examples) }).sorted() {
            progress("batches of \(size)")
            var recipe = subject.recipe
            recipe.batch.size = size
            recipe.batch.grow = nil
            if size != subject.recipe.batch.size { (recipe.batch.grain, recipe.batch.lanes) = (nil, nil) }
            let plan = try Trainer.prepare(recipe, data: subject.data.train, machine: subject.machine).plan
            rows.append(
                Row(
                    batch: size, microBatch: plan.microBatch, planned: plan.bytes.training,
                    taken: try Self.taken(by: recipe, subject)))
        }
    }

    /// The growth of the process's memory while a trainer makes two updates.
    private static func taken(by recipe: Recipe, _ subject: Subject) throws -> Int? {
        releaseFreeMemory()
        guard let before = residentBytes() else { return nil }
        var trainer = try Trainer(recipe, data: subject.data.train, machine: subject.machine)
        _ = try trainer.update()
        _ = try trainer.update()
        return residentBytes().map { max($0 - before, 0) }
    }

    /// Gives memory that was freed back to the system, so that it is not taken again in silence.
    private static func releaseFreeMemory() {
        #if canImport(Glibc)
            // the C library's module for Swift leaves malloc.h out
            guard let library = dlopen(nil, RTLD_NOW), let trim = dlsym(library, "malloc_trim") else { return }
            _ = unsafeBitCast(trim, to: (@convention(c) (Int) -> Int32).self)(0)
        #endif
    }

    /// The resident memory of this process; nil where the system does not tell.
    private static func residentBytes() -> Int? {
        #if canImport(Glibc)
            guard let file = fopen("/proc/self/statm", "r") else { return nil }
            defer { fclose(file) }
            var line = [CChar](repeating: 0, count: 256)
            guard fgets(&line, Int32(line.count), file) != nil else { return nil }
            let fields = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                .split(separator: " ")
            return fields.count > 1 ? Int(fields[1]).map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) } : nil
        #else
            return nil
        #endif
    }
}
