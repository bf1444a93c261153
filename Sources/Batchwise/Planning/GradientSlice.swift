/// A run of a parameter that one worker sums and updates while it is in the nearest cache.
struct GradientSlice {
    /// The index in `Program.gradients`.
    var gradient: Int
    /// Rows and columns of the parameter seen as a matrix: all columns, or those of a panel. A vector has rows of one number.
    var firstRow: Int
    var rows: Int
    var firstColumn: Int
    var columns: Int
    /// Where the slice begins in the parameter's memory, and in the vector of all parameters; its length.
    var start: Int
    var offset: Int
    var count: Int
    /// Multiplications for one example: what the work is shared out by.
    var work: Int
}

extension Program {
    /// Floats of a usual slice; rows wider than a sixteenth of it make larger ones.
    static var sliceFloats: Int { 8192 }

    /// All gradients cut into slices, and which of them each worker owns.
    ///
    /// The cut changes no bit: every number of a gradient is a chain of its own. A worker owns the same part of every
    /// large parameter, from the first column to the last, as it has of a layer that workers share by columns.
    func slices(_ layout: ParameterLayout, workers: Int) -> (slices: [GradientSlice], owned: [[Int]]) {
        var slices: [GradientSlice] = []
        var owned = [[Int]](repeating: [], count: workers)
        var loads = [Int](repeating: 0, count: workers)
        for index in gradients.indices {
            let own = slices.count..<slices.count + append(&slices, gradient: index, layout, workers)
            let work = own.reduce(0) { $0 + slices[$1].work }
            var done = 0
            for slice in own {
                let worker =
                    own.count < workers
                    ? loads.indices.min { loads[$0] < loads[$1] } ?? 0
                    : min((2 * done + slices[slice].work) * workers / max(2 * work, 1), workers - 1)
                done += slices[slice].work
                loads[worker] += slices[slice].work
                owned[worker].append(slice)
            }
        }
        return (slices, owned)
    }

    /// Adds the slices of one gradient, and says how many.
    private func append(
        _ slices: inout [GradientSlice], gradient index: Int, _ layout: ParameterLayout, _ workers: Int
    ) -> Int {
        let gradient = gradients[index]
        let parameter = layout.parameters[gradient.parameter]
        let columns: Int
        let lead: Int
        var panel: Int
        // a parameter that is used in a product is cut into its rows; sums over rows take any cut
        let main = gradient.reductions.first { if case .sumRows = $0 { false } else { true } }
        switch main ?? gradient.reductions[0] {
        case .dense(_, _, let places, _, let outputs):
            (columns, lead, panel) = (outputs, places, layout.panel(gradient.parameter))
        case .convolution(let shape, _, _):
            columns = shape.out_channels / shape.groups
            (lead, panel) = (shape.out_height * shape.out_width, columns)
        case .embedding(_, _, let length, let embedding): (columns, lead, panel) = (embedding, length, embedding)
        case .sumRows(_, let places, _): (columns, lead, panel) = (1, places, 1)
        }
        panel = max(panel, 1)
        let rows = parameter.count / max(columns, 1)
        let panels = (columns + panel - 1) / panel
        // enough slices to share out, none larger than the scratch, whole vectors of rows
        let parts = (4 * workers + panels - 1) / panels
        let share = (rows + parts - 1) / parts
        let most = max(Self.sliceFloats / panel, 16)
        let step = max(min(max((share + 15) / 16 * 16, 1024 / panel / 16 * 16), most / 16 * 16), 1)
        let before = slices.count
        for firstColumn in stride(from: 0, to: columns, by: panel) {
            let width = min(panel, columns - firstColumn)
            for first in stride(from: 0, to: rows, by: step) {
                let count = min(step, rows - first)
                let start = firstColumn * rows + first * width
                slices.append(
                    .init(
                        gradient: index, firstRow: first, rows: count, firstColumn: firstColumn, columns: width,
                        start: start, offset: layout.offsets[gradient.parameter] + start, count: count * width,
                        work: count * width * (lead + 1)))
            }
        }
        return slices.count - before
    }
}
