/// The order in which a gradient is summed: a pure function of the batch's examples, never of the machine.
///
/// A batch is cut into lanes of whole grains. The sum over a lane is one chain: example after example is added to one
/// accumulator, which may be saved and loaded again anywhere. The lanes' sums are joined in a fixed pairwise tree: when
/// lane i is finished, its sum stands on the level that has as many completed subtrees to its left as i has ones in
/// binary, and equal subtrees are joined at once. `CKernels/reduce.h` follows this order.
struct SumOrder: Sendable, Hashable {
    let grain: Int
    let lanes: Int

    /// The number of lanes of a batch of `rows` examples, which is never more than its number of grains.
    func laneCount(rows: Int) -> Int { min(lanes, (rows + grain - 1) / grain) }

    /// The first example of a lane. Lanes hold whole grains; only the last grain of a batch may be shorter.
    func laneStart(_ lane: Int, of count: Int, rows: Int) -> Int {
        let grains = (rows + grain - 1) / grain
        return min(rows, grains * lane / count * grain)
    }

    /// Writes the first examples of the lanes of a batch, and the end of the last lane, to the first elements of
    /// `starts`; returns the number of lanes.
    func fill(_ starts: UnsafeMutableBufferPointer<Int>, rows: Int) -> Int {
        let count = laneCount(rows: rows)
        for lane in 0...count { starts[lane] = laneStart(lane, of: count, rows: rows) }
        return count
    }

    /// The most partial sums that the tree of lanes holds at a time.
    var levels: Int { (0..<lanes).reduce(1) { max($0, $1.nonzeroBitCount + 1) } }

    /// The sums that stand in the tree of lanes when the examples before a place have been added: the joined ones of all
    /// finished lanes, and the one that is under way. `starts` are the first examples of lanes, and the end of the last.
    static func underWay<Starts: RandomAccessCollection<Int>>(at place: Int, starts: Starts) -> Int
    where Starts.Index == Int {
        guard place > 0 else { return 0 }
        let lane = starts.dropLast().lastIndex { $0 < place } ?? 0
        guard place == starts[lane + 1] else { return lane.nonzeroBitCount + 1 }
        return lane + 2 == starts.endIndex ? 1 : (lane + 1).nonzeroBitCount
    }
}
