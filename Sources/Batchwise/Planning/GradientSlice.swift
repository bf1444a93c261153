/// A run of a parameter that one worker sums and updates while it is in the nearest cache.
struct GradientSlice {
    /// The index in `Program.gradients`.
    var gradient: Int
    /// Rows of the parameter seen as a matrix; a vector has rows of one number.
    var firstRow: Int
    var rows: Int
    /// Where the slice begins in the parameter, and in the vector of all parameters; its length.
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
    /// The cut changes no bit: every number of a gradient is a chain of its own.
    func slices(_ layout: ParameterLayout, workers: Int) -> (slices: [GradientSlice], owned: [Range<Int>]) {
        var slices: [GradientSlice] = []
        for (index, gradient) in gradients.enumerated() {
            let parameter = layout.parameters[gradient.parameter]
            let offset = layout.offsets[gradient.parameter]
            let width: Int
            let work: Int
            // a parameter that is used in a product is cut into its rows; sums over rows take any cut
            let main = gradient.reductions.first { if case .sumRows = $0 { false } else { true } }
            switch main ?? gradient.reductions[0] {
            case .dense(_, _, let lead, _, let outputs): (width, work) = (outputs, lead * outputs)
            case .convolution(let shape, _, _):
                width = shape.out_channels / shape.groups
                work = shape.out_height * shape.out_width * width
            case .embedding(_, _, let length, let embedding): (width, work) = (embedding, length)
            case .sumRows(_, let lead, _): (width, work) = (1, lead)
            }
            let rows = parameter.count / max(width, 1)
            // enough slices to share out, none larger than the scratch, whole vectors of rows
            let share = (rows + 4 * workers - 1) / (4 * workers)
            let most = max(Self.sliceFloats / max(width, 1), 16)
            let step = min(max((share + 15) / 16 * 16, 1024 / max(width, 1) / 16 * 16), most / 16 * 16)
            for first in stride(from: 0, to: rows, by: max(step, 1)) {
                let count = min(max(step, 1), rows - first)
                slices.append(
                    .init(
                        gradient: index, firstRow: first, rows: count, start: first * width,
                        offset: offset + first * width, count: count * width, work: count * work + count * width))
            }
        }
        let total = slices.reduce(0) { $0 + $1.work }
        var owned: [Range<Int>] = []
        var next = 0
        var done = 0
        for worker in 0..<workers {
            let first = next
            while next < slices.count,
                worker == workers - 1 || done + slices[next].work / 2 < total * (worker + 1) / workers
            {
                done += slices[next].work
                next += 1
            }
            owned.append(first..<next)
        }
        return (slices, owned)
    }
}
