import CKernels
import Testing

@testable import Batchwise

extension ProcessorTests {
    /// The order of a gradient's sum, against loops written out: chains over the examples of a lane, and lanes in a tree.
    @Suite struct ReduceTests {
        /// A dense weight of which a slice is reduced, and the examples of a batch in two arenas.
        struct Weight {
            static let (inputs, outputs, rows) = (19, 21, 13)
            /// The slice: rows 2..<19 and all columns, so that there are whole vectors and parts of them.
            static let (firstRow, sliceRows) = (2, 17)
            static let count = sliceRows * outputs
            static let stride = count + Int(BW_SLACK)
            /// The first arena holds fewer examples than the second.
            static let split = 5

            let x: [[Float]]
            let dy: [[Float]]
            let arenas: [[Float]]

            init() {
                var numbers = TestNumbers("reduce")
                func rows(_ width: Int) -> [[Float]] {
                    (0..<Self.rows).map { _ in numbers.normals(width).map { Float($0) } }
                }
                (x, dy) = (rows(Self.inputs), rows(Self.outputs))
                let (x, dy) = (x, dy)
                arenas = [0..<Self.split, Self.split..<Self.rows].map { part in
                    let features = part.flatMap { x[$0] }
                    // the slopes begin where those of the larger arena do
                    return features + [Float](repeating: 0, count: Self.dyOffset - features.count)
                        + part.flatMap { dy[$0] } + [Float](repeating: 0, count: Int(BW_SLACK))
                }
            }

            static let dyOffset = (rows - split) * inputs

            /// One chain over examples, written out.
            func chain(_ examples: Range<Int>) -> [Float] {
                (0..<Self.count).map { place in
                    let (row, column) = (Self.firstRow + place / Self.outputs, place % Self.outputs)
                    var sum: Float = 0
                    for example in examples { sum.addProduct(x[example][row], dy[example][column]) }
                    return sum
                }
            }

            /// The tree over lanes: the largest power of two of them to the left, joined with the rest.
            func tree(_ lanes: ArraySlice<Range<Int>>) -> [Float] {
                guard lanes.count > 1 else { return lanes.first.map(chain) ?? [] }
                var half = 1
                while 2 * half < lanes.count { half *= 2 }
                let middle = lanes.startIndex + half
                return zip(tree(lanes[..<middle]), tree(lanes[middle...])).map { $0 + $1 }
            }

            /// Lends the batch in `lanes` and the slice to `body`.
            func with<Result>(lanes: [Range<Int>], _ body: (bw_round, bw_slice) -> Result) -> Result {
                var reduction = bw_reduction()
                reduction.kind = BW_REDUCE_DENSE
                reduction.dy = Self.dyOffset
                reduction.example_rows = 1
                (reduction.inputs, reduction.outputs) = (Self.inputs, Self.outputs)
                let starts = lanes.map(\.lowerBound) + [lanes[lanes.count - 1].upperBound]
                return arenas[0].withUnsafeBufferPointer { first in
                    arenas[1].withUnsafeBufferPointer { second in
                        let blocks = [
                            bw_block(arena: first.baseAddress, examples: nil, first: 0, rows: Self.split),
                            bw_block(
                                arena: second.baseAddress, examples: nil, first: Self.split,
                                rows: Self.rows - Self.split),
                        ]
                        return blocks.withUnsafeBufferPointer { blocks in
                            starts.withUnsafeBufferPointer { starts in
                                withUnsafePointer(to: &reduction) { reduction in
                                    var slice = bw_slice()
                                    slice.reductions = reduction
                                    slice.reduction_count = 1
                                    (slice.first_row, slice.rows) = (Self.firstRow, Self.sliceRows)
                                    slice.columns = Self.outputs
                                    slice.count = Self.count
                                    slice.rate_factor = 1
                                    slice.mirror = Int(BW_NONE)
                                    let round = bw_round(
                                        blocks: blocks.baseAddress, block_count: 2, sparse: nil, from: 0, to: Self.rows,
                                        lane_starts: starts.baseAddress, lanes: lanes.count)
                                    return body(round, slice)
                                }
                            }
                        }
                    }
                }
            }
        }

        static let weight = Weight()

        /// The batch in so many lanes, which differ in length.
        static func lanes(_ count: Int) -> [Range<Int>] {
            (0..<count).map { Weight.rows * $0 / count..<Weight.rows * ($0 + 1) / count }
        }

        /// The sums of a slice after rounds that end at `ends`.
        static func reduce(_ round: bw_round, _ slice: bw_slice, ends: [Int]) -> [Float] {
            var sums = [Float](repeating: .nan, count: 5 * Weight.stride)
            var (round, slice) = (round, slice)
            for end in ends {
                round.to = end
                bw_reduce(&round, &slice, &sums, Weight.stride)
                round.from = end
            }
            return Array(sums[..<Weight.count])
        }

        /// Every number of lanes, and every place where two rounds can be cut.
        @Test(arguments: 1...9) func roundsGiveTheSumOfTheTree(count: Int) {
            let lanes = Self.lanes(count)
            let expected = Self.weight.tree(lanes[...])
            KernelTests.onEveryInstructionSet { set in
                for cut in 1...Weight.rows {
                    let found = Self.weight.with(lanes: lanes) { Self.reduce($0, $1, ends: [cut, Weight.rows]) }
                    #expect(found == expected, "\(count) lanes, cut at \(cut), instruction set \(set.rawValue)")
                }
            }
        }

        /// Lanes are not one chain: the test above can tell orders apart.
        @Test func aChainIsAnotherOrder() {
            let whole = Self.weight.chain(0..<Weight.rows)
            let found = Self.weight.with(lanes: Self.lanes(4)) { round, slice in
                var (round, slice) = (round, slice)
                var gradient = [Float](repeating: .nan, count: Weight.stride)
                bw_reduce_chain(&round, &slice, &gradient)
                return Array(gradient[..<Weight.count])
            }
            #expect(found == whole)
            #expect(whole != Self.weight.tree(Self.lanes(4)[...]))
        }

        /// Ranks that reduce aligned ranges of lanes hold complete subtrees, which join to the sum of all.
        @Test(arguments: [2, 4]) func subtreesOfRanksJoin(ranks: Int) {
            let lanes = Self.lanes(8)
            let own = lanes.count / ranks
            var sums = (0..<ranks).map { rank in
                let part = Array(lanes[rank * own..<(rank + 1) * own])
                return Self.weight.with(lanes: part) { round, slice in
                    var round = round
                    round.from = part[0].lowerBound
                    return Self.reduce(round, slice, ends: [part[own - 1].upperBound])
                }
            }
            while sums.count > 1 {
                for left in 0..<sums.count / 2 {
                    bw_join(sums[left + 1], &sums[left], Weight.count)
                    sums.remove(at: left + 1)
                }
            }
            #expect(sums[0] == Self.weight.tree(lanes[...]))
        }

        /// The composition has the bits of its parts, where the last lane is fused (SGD) and where it is not.
        @Test(arguments: [BW_SGD, BW_ADAM], [Float(0), 0.9]) func reduceAndStepIsReduceThenStep(
            kind: bw_optimizer_kind, momentum: Float
        ) {
            var numbers = TestNumbers("step")
            func vector() -> [Float] { numbers.normals(Weight.stride).map { Float($0) } }
            let (start, velocity, squares) = (vector(), vector(), vector().map { $0 * $0 })
            /// Parameters and states after a step by `body`.
            func step(_ body: (inout bw_update) -> Void) -> [[Float]] {
                var (w, first, second) = (start, velocity, squares)
                w.withUnsafeMutableBufferPointer { w in
                    first.withUnsafeMutableBufferPointer { first in
                        second.withUnsafeMutableBufferPointer { second in
                            var update = bw_update()
                            update.step.kind = kind
                            (update.step.rate, update.step.momentum, update.step.beta1) = (0.1, momentum, 0.9)
                            (update.step.beta2, update.step.epsilon) = (0.99, 1e-3)
                            (update.step.correction1, update.step.correction2) = (0.1, 0.01)
                            update.parameters = w.baseAddress
                            update.states.0 = kind == BW_SGD && momentum == 0 ? nil : first.baseAddress
                            update.states.1 = kind == BW_SGD ? nil : second.baseAddress
                            body(&update)
                        }
                    }
                }
                return [w, first, second]
            }
            for count in 1...6 {
                for cut in [0, 3, 11] {
                    KernelTests.onEveryInstructionSet { set in
                        Self.weight.with(lanes: Self.lanes(count)) { round, slice in
                            var (round, slice) = (round, slice)
                            var gradient = Self.reduce(round, slice, ends: [cut, Weight.rows])
                            gradient += [Float](repeating: 0, count: Int(BW_SLACK))
                            let apart = step { bw_step_slice(&$0, &slice, &gradient, 1, 1) }
                            var sums = [Float](repeating: .nan, count: 5 * Weight.stride)
                            let together = step {
                                round.to = cut
                                bw_reduce(&round, &slice, &sums, Weight.stride)
                                (round.from, round.to) = (cut, Weight.rows)
                                bw_reduce_and_step(&round, &$0, &slice, &sums, Weight.stride)
                            }
                            #expect(apart == together, "\(count) lanes, cut at \(cut), instruction set \(set.rawValue)")
                            #expect(apart[0] != start)
                        }
                    }
                }
            }
        }
    }
}
