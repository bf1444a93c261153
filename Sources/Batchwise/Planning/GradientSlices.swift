import CKernels

/// The parameters cut into runs (see `bw_slice`), each of which one worker sums and updates while it is in the nearest
/// cache.
struct GradientSlices {
    /// All slices, those of one worker after those of another.
    private(set) var slices: [bw_slice] = []
    /// The slices of each worker, but for those whose sums are handed over.
    private(set) var owned: [Range<Int>] = []
    /// The slices whose sums processes hand over: they come last.
    private(set) var handed: Range<Int> = 0..<0

    /// Lists the slices of all gradients, and which of them each worker owns.
    ///
    /// The cut changes no bit: every number of a gradient is a chain of its own. A worker owns the same part of every
    /// large parameter, from the first column to the last, as it has of a layer that workers share by columns.
    init(
        _ cuts: [GradientCut], _ program: Program, _ layout: ParameterLayout, _ rules: UpdateRules, workers: Int,
        isHanded: [Bool] = []
    ) {
        var parts = [[bw_slice]](repeating: [], count: workers)
        var loads = [Int](repeating: 0, count: workers)
        var last: [bw_slice] = []
        for cut in cuts {
            let slices = cut.slices(layout, rules, mirror: program.mirrors[cut.parameter])
            if !isHanded.isEmpty, isHanded[cut.parameter] {
                last += slices
                continue
            }
            var done = 0
            for slice in slices {
                let worker =
                    slices.count < workers
                    ? loads.indices.min { loads[$0] < loads[$1] } ?? 0
                    : min((2 * done + slice.count) * workers / max(2 * cut.floats, 1), workers - 1)
                done += slice.count
                loads[worker] += slice.count * (cut.lead + 1)
                parts[worker].append(slice)
            }
        }
        for part in parts {
            owned.append(slices.count..<slices.count + part.count)
            slices += part
        }
        handed = slices.count..<slices.count + last.count
        slices += last
    }
}
