import CKernels
import Foundation
import Testing

@testable import Batchwise

/// Tests that set the instruction set of the whole process, or need the best one: one after the other.
@Suite(.serialized) enum ProcessorTests {}

extension ProcessorTests {
    /// Kernels against loops written out, on every instruction set of this machine.
    @Suite struct KernelTests {
        static func onEveryInstructionSet(_ body: (bw_instruction_set) throws -> Void) rethrows {
            let best = bw_best_instruction_set()
            defer { _ = bw_use_instruction_set(best) }
            for set in [BW_BASELINE, BW_AVX2, BW_AVX512] where bw_use_instruction_set(set) == 0 { try body(set) }
        }

        private static func numbers(_ name: String, _ count: Int) -> [Float] {
            var numbers = TestNumbers(name)
            return numbers.normals(count + Int(BW_SLACK)).map { Float($0) }
        }

        /// Every shape of tile, with a zero, a row and C itself as the start; each element is one ascending chain.
        @Test func productsAreChains() {
            for (m, n, k) in [
                (1, 1, 1), (1, 10, 33), (5, 16, 7), (7, 48, 20), (13, 65, 9), (25, 80, 3), (6, 129, 16), (12, 32, 0),
                (1, 300, 40), (2, 130, 40), (20, 1040, 300), (50, 1040, 300),
            ] {
                let a = Self.numbers("a\(m)\(k)", m * max(k, 1))
                let b = Self.numbers("b\(n)\(k)", max(k, 1) * n)
                let bias = Self.numbers("bias", n)
                let old = Self.numbers("c", m * n)
                Self.onEveryInstructionSet { set in
                    for start in 0..<3 {
                        var c = old
                        var shape = bw_product_shape(
                            m: m, n: n, k: k, segments: 1, am: k, ak: 1, as: 0, bk: n, bs: 0, cm: n)
                        c.withUnsafeMutableBufferPointer { c in
                            let from: UnsafePointer<Float>? =
                                start == 0
                                ? nil
                                : start == 1
                                    ? bias.withUnsafeBufferPointer { $0.baseAddress } : UnsafePointer(c.baseAddress)
                            bw_product(&shape, a, b, from, start == 2 ? n : 0, c.baseAddress!)
                        }
                        var expected = old
                        for row in 0..<m {
                            for column in 0..<n {
                                var sum: Float = start == 0 ? 0 : start == 1 ? bias[column] : old[row * n + column]
                                for step in 0..<k { sum.addProduct(a[row * k + step], b[step * n + column]) }
                                expected[row * n + column] = sum
                            }
                        }
                        #expect(c == expected, "\(m)x\(n)x\(k), start \(start), instruction set \(set.rawValue)")
                    }
                }
            }
        }

        /// A chain that is stored and continued has the bits of the whole chain; this makes every cut invisible.
        @Test func aChainGoesOnWhereItWasPutDown() {
            let a = Self.numbers("left", 40 * 9)
            let b = Self.numbers("right", 40 * 21)
            func gradient(cuts: [Int]) -> [Float] {
                var c = [Float](repeating: 0, count: 9 * 21 + Int(BW_SLACK))
                var from = 0
                for to in cuts + [40] {
                    var shape = bw_product_shape(
                        m: 9, n: 21, k: to - from, segments: 1, am: 1, ak: 9, as: 0, bk: 21, bs: 0, cm: 21)
                    c.withUnsafeMutableBufferPointer { c in
                        a.withUnsafeBufferPointer { a in
                            b.withUnsafeBufferPointer { b in
                                bw_product(
                                    &shape, a.baseAddress! + from * 9, b.baseAddress! + from * 21,
                                    from > 0 ? UnsafePointer(c.baseAddress) : nil, 21, c.baseAddress!)
                            }
                        }
                    }
                    from = to
                }
                return c
            }
            let whole = gradient(cuts: [])
            for cuts in [[1], [20], [7, 8, 33], Array(1..<40)] { #expect(gradient(cuts: cuts) == whole) }
        }

        /// The gradient of a last lane, written down or not: the same bits, also of zeros with a sign.
        @Test(arguments: [1, 3, 7, 8], [(5, 70), (4, 64), (1, 5), (9, 150)])
        func aLastLaneThatIsNotWrittenDown(steps: Int, size: (rows: Int, columns: Int)) {
            let (rows, columns) = size
            let count = rows * columns
            // both are parts of wider rows
            let (xWidth, dyWidth) = (rows + 3, columns + 2)
            var x = Self.numbers("x", steps * xWidth)
            let dy = Self.numbers("dy", steps * dyWidth).enumerated().map { $0 % 7 == 0 ? 0 : $1 }
            (x[0], x[1]) = (0, -0.0)
            let sums = Self.numbers("sums", 2 * count)
            for sumCount in 0...2 {
                for (momentum, nesterov) in [(Float(0), 0), (0.9, 0), (0.9, 1)] {
                    Self.onEveryInstructionSet { _ in
                        var options = bw_step()
                        (options.rate, options.momentum, options.nesterov) = (0.1, momentum, Int32(nesterov))
                        (options.coupled_decay, options.decoupled_decay) = (0.01, 0.1)
                        var gradient = [Float](repeating: 0, count: count)
                        var shape = bw_product_shape(
                            m: rows, n: columns, k: steps, segments: 1, am: 1, ak: xWidth, as: 0, bk: dyWidth, bs: 0,
                            cm: columns)
                        bw_product(&shape, x, dy, nil, 0, &gradient)
                        for level in (0..<sumCount).reversed() {
                            for i in 0..<count { gradient[i] += sums[level * count + i] }
                        }
                        var w = Self.numbers("w", count)
                        var v = Self.numbers("v", count)
                        var (laneW, laneV) = (w, v)
                        withUnsafePointers(x, dy, sums) { x, dy, sums in
                            var lane = bw_last_lane(
                                x: x, dy: dy, x_width: xWidth, dy_width: dyWidth, steps: steps,
                                is_far: steps == 8 ? 1 : 0, sums: sums,
                                sum_stride: count, sum_count: sumCount)
                            if momentum > 0 {
                                bw_sgd(&options, gradient, &w, &v, count)
                                bw_sgd_last_lane(&options, &lane, &laneW, &laneV, rows, columns)
                            } else {
                                bw_sgd(&options, gradient, &w, nil, count)
                                bw_sgd_last_lane(&options, &lane, &laneW, nil, rows, columns)
                            }
                        }
                        #expect(w.map(\.bitPattern) == laneW.map(\.bitPattern))
                        #expect(v.map(\.bitPattern) == laneV.map(\.bitPattern))
                    }
                }
            }
        }
        private func withUnsafePointers(
            _ x: [Float], _ y: [Float], _ z: [Float],
            _ body: (UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?) -> Void
        ) {
            x.withUnsafeBufferPointer { x in
                y.withUnsafeBufferPointer { y in
                    z.withUnsafeBufferPointer { body(x.baseAddress, y.baseAddress, $0.baseAddress) }
                }
            }
        }

        struct Function: Sendable {
            var name: String
            var kind: bw_unary_kind
            var range: ClosedRange<Double>
            var tolerance: Double
            var exact: @Sendable (Double) -> Double
        }
        static let functions = [
            Function(name: "exp", kind: BW_EXP, range: -87...88.7, tolerance: 3e-7) { Foundation.exp($0) },
            Function(name: "tanh", kind: BW_TANH, range: -12...12, tolerance: 3e-7) { Foundation.tanh($0) },
            Function(name: "sigmoid", kind: BW_SIGMOID, range: -30...30, tolerance: 4e-7) {
                1 / (1 + Foundation.exp(-$0))
            },
            Function(name: "gelu", kind: BW_GELU, range: -4...8, tolerance: 6e-6) {
                0.5 * $0 * (1 + Foundation.erf($0 * 0.5.squareRoot()))
            },
            Function(name: "log", kind: BW_LOG, range: 1e-3...30, tolerance: 3e-7) { Foundation.log($0) },
            Function(name: "log of small numbers", kind: BW_LOG, range: 1e-38...1e-30, tolerance: 2e-7) {
                Foundation.log($0)
            },
            Function(name: "silu", kind: BW_SILU, range: -20...20, tolerance: 5e-7) { $0 / (1 + Foundation.exp(-$0)) },
        ]

        /// The error is relative to the value, or to 1e-2 of the argument where the value is near zero.
        @Test(arguments: functions.indices)
        func functionsAreAccurate(index: Int) {
            let function = Self.functions[index]
            let count = 20_000
            let span = function.range.upperBound - function.range.lowerBound
            let x = (0..<count).map { Float(function.range.lowerBound + span * Double($0) / Double(count - 1)) }
            Self.onEveryInstructionSet { _ in
                var y = x
                bw_unary(function.kind, 0, x, &y, count)
                var worst = 0.0
                for (x, y) in zip(x, y) {
                    let exact = function.exact(Double(x))
                    worst = max(worst, abs(Double(y) - exact) / max(abs(exact), 1e-2 * abs(Double(x)), 1e-38))
                }
                #expect(worst <= function.tolerance, "\(function.name): \(worst)")
            }
        }

        @Test func extremesOfExp() {
            let x: [Float] = [0, 88.8, -88, 200, -200, .infinity, -.infinity, .nan, 88.72, -0.0, 1, 2, 3, 4, 5, 6]
            Self.onEveryInstructionSet { _ in
                var y = x
                bw_unary(BW_EXP, 0, x, &y, x.count)
                #expect(y[0] == 1 && y[1] == .infinity && y[2] == 0 && y[3] == .infinity && y[4] == 0)
                #expect(y[5] == .infinity && y[6] == 0 && y[7].isNaN && y[8].isFinite && y[9] == 1)
            }
        }

        @Test func extremesOfLog() {
            let x: [Float] = [0, 1, -1, .infinity, .nan, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -0.0]
            ProcessorTests.KernelTests.onEveryInstructionSet { _ in
                var y = x
                bw_unary(BW_LOG, 0, x, &y, x.count)
                #expect(y[0] == -.infinity && y[1] == 0 && y[2].isNaN && y[3] == .infinity && y[4].isNaN)
                #expect(abs(y[5] + 103.27893) < 1e-4 && abs(y[6] - 88.72284) < 1e-4 && y[7] == -.infinity)
            }
        }

        /// The weighted sums of losses and right predictions are the same wherever the batch is cut.
        @Test func sumsOfLossesDoNotSeeTheCut() {
            let rows = 45
            let losses = Self.numbers("losses", 2 * rows)
            let weights = Self.numbers("weights", rows)
            let examples = (0..<UInt64(rows)).map { ($0 * 7) % UInt64(rows) }
            func sums(_ cuts: [Int]) -> [Double] {
                var sums = [Double](repeating: 0, count: 16)
                var from = 0
                for to in cuts + [rows] {
                    losses.withUnsafeBufferPointer { losses in
                        examples.withUnsafeBufferPointer { examples in
                            bw_sum_losses(
                                losses.baseAddress! + 2 * from, weights, examples.baseAddress! + from, from, to - from,
                                &sums)
                        }
                    }
                    from = to
                }
                return sums
            }
            let whole = sums([])
            let expected = (0..<rows).reduce(0.0) {
                $0 + Double(weights[Int(examples[$1])]) * Double(losses[2 * $1])
            }
            #expect(abs(whole[..<8].reduce(0, +) - expected) < 1e-12 * Double(rows))
            for cuts in [[1], [8], [7, 9, 30], Array(1..<rows)] { #expect(sums(cuts) == whole) }
        }

        /// About the rate is dropped, the rest is scaled, and another example or key drops others.
        @Test func dropoutKeepsTheMean() {
            let count = 100_000
            let ones = [Float](repeating: 1, count: count)
            var first = ones
            var again = ones
            var other = ones
            bw_dropout(7, 0.3, [5], ones, &first, 1, count)
            bw_dropout(7, 0.3, [5], ones, &again, 1, count)
            bw_dropout(7, 0.3, [6], ones, &other, 1, count)
            let dropped = first.count { $0 == 0 }
            #expect(abs(Double(dropped) / Double(count) - 0.3) < 0.006)
            #expect(first.allSatisfy { $0 == 0 || $0 == 1 / (1 - Float(0.3)) })
            #expect(first == again)
            let both = zip(first, other).count { $0 == 0 && $1 == 0 }
            #expect(abs(Double(both) / Double(count) - 0.09) < 0.006)
        }

        @Test func theLargestMagnitudeSeesWhatIsNotFinite() {
            var x = [Float](repeating: 0.5, count: 37)
            x[35] = -3
            #expect(bw_largest_magnitude(x, 37) == 3)
            for wrong in [Float.nan, .infinity, -.infinity] {
                for place in [0, 20, 36] {
                    var y = x
                    y[place] = wrong
                    #expect(!bw_largest_magnitude(y, 37).isFinite)
                }
            }
        }
    }
}
