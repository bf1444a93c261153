import CKernels

// The average of the parameters: see WeightAverage.

extension Engine {
    /// Averages the slices that a worker owns, which it has just updated.
    func averageParameters(_ worker: Int) {
        let weight = current.pointee.averageWeight
        guard weight > 0, let average else { return }
        for index in owned[worker] {
            let slice = slices[index]
            bw_average(average + slice.offset, parameters + slice.offset, weight, slice.count)
        }
    }

    /// What no gradient changes: running statistics, and parameters that are frozen.
    func averageStatistics() {
        let weight = current.pointee.averageWeight
        guard weight > 0, let average else { return }
        for index in layout.parameters.indices where !layout.parameters[index].isTrainable {
            let offset = layout.offsets[index]
            bw_average(average + offset, parameters + offset, weight, layout.parameters[index].count)
        }
        averaged += 1
    }

    /// The average as arrays; nil while nothing has been averaged.
    func averageValues() -> [[Float]]? {
        guard averaged > 0, let average else { return nil }
        return layout.parameters.indices.map { layout.read($0, from: average) }
    }

    func setAverage(_ values: [[Float]]?, count: Int) {
        averaged = values == nil ? 0 : count
        guard let values, let average else { return }
        for (index, value) in values.enumerated() { layout.write(value, index, to: average) }
    }
}
