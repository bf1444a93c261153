import CKernels

/// The parameters cut into runs (see `bw_slice`), each of which one worker sums and updates while it is in the nearest
/// cache.
struct GradientSlices {
    /// All slices, those of one worker after those of another.
    private(set) var slices: [bw_slice] = []
    /// The slices of each worker.
    private(set) var owned: [Range<Int>] = []

    /// Floats of a usual slice; rows wider than a sixteenth of it make larger ones. The sums of two lanes fit the
    /// nearest cache (against 8192, 5% of an update of 784-128-10 at 16 examples).
    private static let usualFloats = 4096

    /// All gradients cut into slices, and which of them each worker owns.
    ///
    /// The cut changes no bit: every number of a gradient is a chain of its own. A worker owns the same part of every
    /// large parameter, from the first column to the last, as it has of a layer that workers share by columns.
    init(_ program: Program, _ layout: ParameterLayout, _ rules: UpdateRules, workers: Int, rows: Int) {
        var parts = [[bw_slice]](repeating: [], count: workers)
        var loads = [Int](repeating: 0, count: workers)
        for gradient in program.gradients {
            let (cut, lead) = Self.cut(
                gradient, layout, rules, mirror: program.mirrors[gradient.parameter], workers, rows)
            let total = cut.reduce(0) { $0 + $1.count }
            var done = 0
            for slice in cut {
                let worker =
                    cut.count < workers
                    ? loads.indices.min { loads[$0] < loads[$1] } ?? 0
                    : min((2 * done + slice.count) * workers / max(2 * total, 1), workers - 1)
                done += slice.count
                loads[worker] += slice.count * (lead + 1)
                parts[worker].append(slice)
            }
        }
        for part in parts {
            owned.append(slices.count..<slices.count + part.count)
            slices += part
        }
    }

    /// The slices of one gradient, and how many rows of a product an example has in it.
    private static func cut(
        _ gradient: Program.ParameterGradient, _ layout: ParameterLayout, _ rules: UpdateRules, mirror: Int?,
        _ workers: Int, _ batch: Int
    ) -> (slices: [bw_slice], lead: Int) {
        let parameter = layout.parameters[gradient.parameter]
        let rule = rules.parameters[gradient.parameter]
        // a parameter that is used in a product is cut into its rows; sums over rows take any cut
        let main = gradient.reductions.first { $0.kind != BW_REDUCE_SUM_ROWS } ?? gradient.reductions[0]
        let convolution = main.convolution
        let columns: Int
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
        let rows = parameter.count / max(columns, 1)
        let panels = (columns + panel - 1) / panel
        // enough slices to share out, none larger than the scratch nor less than a microsecond's work, whole vectors of
        // rows
        let pieces = (4 * workers + panels - 1) / panels
        let piece = (rows + pieces - 1) / pieces
        let most = max(usualFloats / panel, 16)
        let least = min(1024, 32768 / max(batch, 1))
        let step =
            rows < BW_NARROW
            ? max(min((rows + workers - 1) / workers, usualFloats / panel), 1)
            : max(min(max((piece + 15) / 16 * 16, least / panel / 16 * 16), most / 16 * 16), 1)
        var slices: [bw_slice] = []
        for firstColumn in stride(from: 0, to: columns, by: panel) {
            let width = min(panel, columns - firstColumn)
            for first in stride(from: 0, to: rows, by: step) {
                var slice = bw_slice()
                slice.reductions = UnsafePointer(gradient.reductions.baseAddress)
                slice.reduction_count = gradient.reductions.count
                (slice.first_row, slice.rows) = (first, min(step, rows - first))
                (slice.first_column, slice.columns) = (firstColumn, width)
                slice.start = firstColumn * rows + first * width
                slice.offset = layout.offsets[gradient.parameter] + slice.start
                slice.count = slice.rows * width
                slice.parameter = gradient.parameter
                (slice.rate_factor, slice.decay) = (rule.rate, rule.decay)
                slice.takes_vector_step = rules.takesVectorStep(gradient.parameter) ? 1 : 0
                slice.mirror = mirror ?? Int(BW_NONE)
                slice.inputs = convolution.in_channels / max(convolution.groups, 1)
                slice.window = convolution.kernel_height * convolution.kernel_width
                slices.append(slice)
            }
        }
        return (slices, lead)
    }
}
