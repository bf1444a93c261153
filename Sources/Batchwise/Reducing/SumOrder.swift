/// The order in which a gradient is summed: a pure function of the batch's examples, never of the machine.
///
/// A batch is cut into lanes of whole grains. The sum over a lane is one chain: example after example, one accumulator,
/// which may be put down and taken up anywhere. The lanes' sums are joined in a fixed pairwise tree: when lane i is
/// finished, its sum stands on the level that has as many completed subtrees to its left as i has ones in binary, and
/// equal subtrees are joined at once. `CKernels/reduce.h` follows this order.
struct SumOrder: Sendable {
    let grain: Int
    let lanes: Int

    /// Lanes of a batch of `rows` examples: never more than it has grains.
    func laneCount(rows: Int) -> Int { min(lanes, (rows + grain - 1) / grain) }

    /// The first example of a lane; lanes hold whole grains, so that all but a last one are as long as can be.
    func laneStart(_ lane: Int, of count: Int, rows: Int) -> Int {
        let grains = (rows + grain - 1) / grain
        return min(rows, grains * lane / count * grain)
    }

    /// Where the lanes of a batch begin, and where the last ends, in the first elements of `starts`; and how many there are.
    func fill(_ starts: UnsafeMutableBufferPointer<Int>, rows: Int) -> Int {
        let count = laneCount(rows: rows)
        for lane in 0...count { starts[lane] = laneStart(lane, of: count, rows: rows) }
        return count
    }

    /// Partial sums that a tree of lanes holds at a time.
    var levels: Int { (0..<lanes).reduce(1) { max($0, $1.nonzeroBitCount + 1) } }
}
