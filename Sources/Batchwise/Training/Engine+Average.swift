import CKernels

// The average of the parameters: see WeightAverage.

extension Engine {
    /// Averages the slices of a thread, which it has just updated; among several processes, each averages all.
    func averageParameters(_ thread: Int) {
        let weight = current.pointee.averageWeight
        guard weight > 0, let average = trained.average else { return }
        for index in slicesOfProcess(thread) {
            let slice = workspace.slices[index]
            bw_average(average + slice.offset, trained.parameters + slice.offset, weight, slice.count)
        }
    }

    /// Averages the numbers that no gradient changes: running statistics, and parameters that are frozen.
    func averageStatistics() {
        let weight = current.pointee.averageWeight
        guard weight > 0, let average = trained.average else { return }
        for index in layout.parameters.indices where !layout.parameters[index].isTrainable {
            let offset = layout.offsets[index]
            bw_average(average + offset, trained.parameters + offset, weight, layout.parameters[index].count)
        }
    }
}
