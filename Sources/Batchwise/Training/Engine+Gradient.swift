import CKernels

// Gradients without an update.

extension Engine {
    /// Writes the mean gradient of a few examples, at the parameters as they are, to a vector laid out as they are; the
    /// rest of it is left alone. False where a number is not finite.
    ///
    /// The examples must fit one micro-batch: then each number is one chain over them, however the machine divides them.
    func gradient(
        epoch: Int, order: EpochOrder, positions: Range<Int>, loaded: LoadedRows?,
        into gradient: UnsafeMutablePointer<Float>
    ) -> Bool {
        begin(NextUpdate(number: 1, epoch: epoch, positions: positions, rate: 0), order: order)
        current.pointee.loaded = loaded
        current.pointee.gradientTarget = gradient
        defer { current.pointee.gradientTarget = nil }
        return perform()
    }

    /// Sums the slices of a thread over a round, and stores them.
    func reduce(
        _ round: Range<Int>, _ thread: Int, _ sparse: UnsafePointer<bw_rows>?,
        into gradient: UnsafeMutablePointer<Float>
    ) {
        var part = current.pointee.round(round, sparse)
        forEachOwnSlice(of: thread) { index in
            bw_reduce_chain(&part, &workspace.slices[index], gradient + workspace.slices[index].offset)
        }
    }
}
