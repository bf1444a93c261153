import CKernels

/// The cut of one gradient into slices: their number and size, which a plan counts before there is a list of them.
struct GradientCut {
    /// Floats of a usual slice; rows wider than a sixteenth of it make larger ones. The sums of two lanes fit the
    /// nearest cache (against 8192, 5% of an update of 784-128-10 at 16 examples).
    private static let usualFloats = 4096

    private let gradient: Program.ParameterGradient
    private let convolution: bw_convolution_shape
    private let rows, columns: Int
    /// The columns of a panel, in which a dense weight lies, and the rows of a slice.
    private let panel, step: Int
    /// The rows of a product that an example has in the gradient.
    let lead: Int

    /// Cuts a gradient of batches of `batch` examples for so many workers.
    init(_ gradient: Program.ParameterGradient, _ layout: ParameterLayout, workers: Int, batch: Int) {
        self.gradient = gradient
        // a parameter that is used in a product is cut into its rows; sums over rows take any cut
        let main = gradient.reductions.first { $0.kind != BW_REDUCE_SUM_ROWS } ?? gradient.reductions[0]
        convolution = main.convolution
        var (panel, lead) = (0, main.example_rows)
        switch main.kind {
        case BW_REDUCE_DENSE, BW_REDUCE_SPARSE:
            (columns, panel) = (main.is_turned.isTrue ? main.inputs : main.outputs, layout.panel(gradient.parameter))
        case BW_REDUCE_CONVOLUTION:
            columns = convolution.out_channels / convolution.groups
            lead = convolution.out_height * convolution.out_width
        case BW_REDUCE_EMBEDDING: columns = main.outputs
        default: columns = 1
        }
        panel = max(panel == 0 ? columns : panel, 1)
        rows = layout.parameters[gradient.parameter].count / max(columns, 1)
        let panels = (columns + panel - 1) / panel
        // enough slices to share out, none larger than the scratch nor less than a microsecond's work, whole vectors of
        // rows
        let pieces = (4 * workers + panels - 1) / panels
        let piece = (rows + pieces - 1) / pieces
        let most = max(Self.usualFloats / panel, 16)
        let least = min(1024, 32768 / max(batch, 1))
        step =
            rows < BW_NARROW
            ? max(min((rows + workers - 1) / workers, Self.usualFloats / panel), 1)
            : max(min(max((piece + 15) / 16 * 16, least / panel / 16 * 16), most / 16 * 16), 1)
        (self.panel, self.lead) = (panel, lead)
    }

    var parameter: Int { gradient.parameter }
    /// The number of slices.
    var count: Int { (columns + panel - 1) / panel * ((rows + step - 1) / step) }
    /// The floats of all slices, and of the largest.
    var floats: Int { rows * columns }
    var largest: Int { min(rows, step) * min(columns, panel) }

    /// The slices, in the order in which they lie in memory.
    func slices(_ layout: ParameterLayout, _ rules: UpdateRules, mirror: Int?) -> [bw_slice] {
        let rule = rules.parameters[parameter]
        var slices: [bw_slice] = []
        slices.reserveCapacity(count)
        for firstColumn in stride(from: 0, to: columns, by: panel) {
            let width = min(panel, columns - firstColumn)
            for first in stride(from: 0, to: rows, by: step) {
                var slice = bw_slice()
                slice.reductions = UnsafePointer(gradient.reductions.baseAddress)
                slice.reduction_count = gradient.reductions.count
                (slice.first_row, slice.rows) = (first, min(step, rows - first))
                (slice.first_column, slice.columns) = (firstColumn, width)
                slice.start = firstColumn * rows + first * width
                slice.offset = layout.offsets[parameter] + slice.start
                slice.count = slice.rows * width
                slice.parameter = parameter
                (slice.rate_factor, slice.decay) = (rule.rate, rule.decay)
                slice.takes_vector_step = rules.takesVectorStep(parameter) ? 1 : 0
                slice.mirror = mirror ?? Int(BW_NONE)
                slice.inputs = convolution.in_channels / max(convolution.groups, 1)
                slice.window = convolution.kernel_height * convolution.kernel_width
                slices.append(slice)
            }
        }
        return slices
    }
}

extension [GradientCut] {
    /// The number of slices of all gradients.
    var sliceCount: Int { reduce(0) { $0 + $1.count } }
    /// The floats of the largest slice, in whole vectors.
    var scratchFloats: Int { (reduce(0) { Swift.max($0, $1.largest) } + 15) / 16 * 16 }
}
