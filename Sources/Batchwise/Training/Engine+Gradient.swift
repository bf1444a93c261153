import CKernels

// Gradients that are only looked at: nothing is updated.

extension Engine {
    /// Writes the mean gradient of a few examples, at the parameters as they are, to a vector laid out as they are; the
    /// rest of it is left alone. The sum of their weights; nil where that is 0 or a number is not finite.
    ///
    /// So few that they fit one micro-batch: then each number is one chain over them, however the machine shares them.
    func gradient(
        epoch: Int, order: EpochOrder, positions: Range<Int>, loaded: LoadedRows?,
        into gradient: UnsafeMutablePointer<Float>
    ) -> Double? {
        begin(epoch: epoch, order: order, positions: positions, rate: 0, momentum: nil, number: 1)
        current.pointee.loaded = loaded
        current.pointee.aside = gradient
        defer { current.pointee.aside = nil }
        return work() ? current.pointee.weight : nil
    }

    /// Sums the slices that a worker owns over a round.
    func reduce(
        _ round: Range<Int>, _ worker: Int, _ sparse: UnsafePointer<bw_rows>?,
        into gradient: UnsafeMutablePointer<Float>
    ) {
        var part = current.pointee.round(round, sparse)
        for index in owned[worker] { bw_reduce_chain(&part, &slices[index], gradient + slices[index].offset) }
    }
}
