/// The place of each tensor of a program in an arena. Tensors that never live at the same time share memory.
package struct MemoryPlan {
    /// A tensor's need: floats an example, and the instructions between which it must stay.
    package struct Tensor {
        package var floats: Int
        package var first: Int
        package var last: Int
    }

    /// Each tensor's offset, and the size of the arena, in floats for one example: both scale with the micro-batch.
    package private(set) var offsets: [Int]
    package private(set) var size = 0

    /// Largest first, each at the lowest place free for its whole life.
    package init(_ tensors: [Tensor]) {
        offsets = Array(repeating: 0, count: tensors.count)
        let order = tensors.indices.sorted {
            tensors[$0].floats != tensors[$1].floats ? tensors[$0].floats > tensors[$1].floats : $0 < $1
        }
        // in the order of their offsets
        var placed: [Int] = []
        for index in order {
            let tensor = tensors[index]
            var offset = 0
            for other in placed where tensors[other].first <= tensor.last && tensor.first <= tensors[other].last {
                if offset + tensor.floats <= offsets[other] { break }
                offset = max(offset, offsets[other] + tensors[other].floats)
            }
            offsets[index] = offset
            size = max(size, offset + tensor.floats)
            placed.insert(index, at: Self.place(of: offset, in: placed, offsets))
        }
    }

    /// The place behind all that lie at this offset or before it.
    private static func place(of offset: Int, in placed: [Int], _ offsets: [Int]) -> Int {
        var (low, high) = (0, placed.count)
        while low < high {
            let middle = (low + high) / 2
            if offsets[placed[middle]] <= offset { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
