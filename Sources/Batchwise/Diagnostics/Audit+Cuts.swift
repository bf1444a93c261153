import CKernels

extension Audit {
    /// A cut of a batch, and the machine that runs it.
    struct Cut: Sendable {
        var name: String
        var machine: Machine
    }

    /// All cuts of the audit: micro-batches that divide the batch and some that do not, numbers of workers, loading
    /// threads.
    var cuts: [Cut] {
        var cuts: [Cut] = []
        for size in evenCuts { cuts.append(cut(size, "\(batch / size) micro-batches: ")) }
        for size in unevenCuts { cuts.append(cut(size, "uneven micro-batches: ")) }
        if let microBatch {
            cuts.append(
                Cut(
                    name: "micro-batch \(microBatch)",
                    machine: Machine(threads: 1, microBatch: microBatch, loadingThreads: 0)))
        }
        for workers in Set([2, 3, mostWorkers]).sorted() where workers <= max(mostWorkers, 2) {
            cuts.append(
                Cut(name: "\(workers) workers", machine: Machine(threads: workers, loadingThreads: 0)))
        }
        if let size = unevenCuts.last {
            cuts.append(
                Cut(
                    name: "\(mostWorkers) workers, micro-batches of \(size)",
                    machine: Machine(threads: mostWorkers, microBatch: size, loadingThreads: 0)))
        }
        // the first row loads nothing ahead
        for threads in isLoaded ? [1, 4] : [] {
            cuts.append(
                Cut(
                    name: Self.counted(threads, "loading thread"),
                    machine: Machine(threads: 1, microBatch: batch, loadingThreads: threads)))
        }
        return cuts
    }

    private func cut(_ size: Int, _ name: String) -> Cut {
        Cut(
            name: name + partsOfBatches(size),
            machine: Machine(threads: 1, microBatch: size, loadingThreads: 0))
    }

    /// Micro-batches that divide a full batch: halves, quarters, and the smallest.
    var evenCuts: [Int] {
        let sizes = stride(from: step, to: batch, by: step).filter { batch % $0 == 0 }
        return Set(sizes.suffix(2) + sizes.prefix(1)).sorted(by: >)
    }

    /// Micro-batches that do not divide a full batch: about two thirds of a batch, and the smallest.
    var unevenCuts: [Int] {
        let sizes = stride(from: step, to: batch, by: step).filter { batch % $0 != 0 }
        let large = sizes.last { 3 * $0 <= 2 * batch } ?? sizes.last
        return Set([large, sizes.first].compactMap { $0 }).sorted(by: >)
    }

    /// Whether features are read or made ahead of training.
    private var isLoaded: Bool {
        LoadedRows.Source(data: data, augmentation: recipe.augmentation, seed: recipe.seed).isLoaded
    }

    /// The parts of a full batch, and those of the last batch of an epoch where they differ.
    private func partsOfBatches(_ size: Int) -> String {
        let last = lastBatch == batch ? "" : "; last batch \(Self.parts(of: lastBatch, size))"
        return Self.parts(of: batch, size) + last
    }

    /// A batch in parts: 12 + 12 + 8.
    static func parts(of batch: Int, _ size: Int) -> String {
        guard size < batch else { return "\(batch)" }
        let (full, left) = batch.quotientAndRemainder(dividingBy: size)
        let tail = left > 0 ? " + \(left)" : ""
        return full > 4
            ? "\(full) x \(size)\(tail)" : Array(repeating: "\(size)", count: full).joined(separator: " + ") + tail
    }

    /// The instructions that kernels use.
    package static var instructionSet: String {
        switch bw_best_instruction_set() {
        case BW_AVX512: bw_has_bfloat16() != 0 ? "AVX-512 with bfloat16" : "AVX-512"
        case BW_AVX2: "AVX2"
        default: "baseline"
        }
    }
}
