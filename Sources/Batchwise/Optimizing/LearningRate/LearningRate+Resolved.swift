import Foundation

extension LearningRate {
    /// The learning rate of one run: a pure function of the number of examples seen.
    public struct Resolved: Hashable, Sendable {
        /// The rate of the first update, where there is a warmup.
        public let start: Double
        /// The highest rate: the warmup climbs to it, the decay falls from it.
        public let peak: Double
        /// The length of the warmup, in examples.
        public let warmup: Double
        /// The length of the run, in examples; of one that was lengthened, before that.
        public let total: Double
        /// The decay after the warmup.
        public let decay: Decay

        let warmupShape: Warmup.Shape
        let warmupLength: ExampleClock.Length
        let clock: ExampleClock
        let curve: Curve
        /// The rates over epochs that were added to the run, each from its origin on.
        var stages: [Stage] = []

        private func stage(at examples: Double) -> Stage? { stages.last { examples >= $0.origin } }

        /// The rate of the update that begins after `examples` examples have been seen. After the end of the run, it is
        /// the rate at the end. Cuts on a plateau are left out, because they depend on metrics.
        public func rate(afterExamples examples: Int) -> Double { rate(afterExamples: examples, plateau: nil) }

        /// The rate of that update, including the cuts of a rate that falls on plateaus.
        package func rate(afterExamples examples: Int, plateau: PlateauState?) -> Double {
            rate(at: Double(examples), plateau: plateau)
        }

        /// The rate at a place on the clock.
        func rate(at examples: Double, plateau: PlateauState?) -> Double {
            if let stage = stage(at: examples) { return stage.rate.rate(at: examples - stage.origin, plateau: plateau) }
            let seen = min(examples, total)
            let rate = seen < warmup ? climbing(seen) : falling(seen)
            guard let plateau, case .plateau(let minimum) = curve else { return rate }
            return max(rate * plateau.factor, min(minimum, rate))
        }

        /// The momentum (or beta1) of the update that begins after `examples` examples have been seen; nil where the
        /// optimizer's own momentum holds.
        public func momentum(afterExamples examples: Int) -> Float? { momentum(at: Double(examples)) }

        /// The momentum at a place on the clock.
        func momentum(at examples: Double) -> Float? {
            if let stage = stage(at: examples) { return stage.rate.momentum(at: examples - stage.origin) }
            let seen = min(examples, total)
            switch curve {
            case .triangles(let triangles):
                return triangles.momentum.map { Float($0.high - ($0.high - $0.low) * height(triangles, seen)) }
            case .oneCycle(let cycle, let top):
                return cycle.momentum.map {
                    Float(
                        seen < top
                            ? between($0.high, $0.low, seen / top, cycle.shape)
                            : between($0.low, $0.high, progress(seen, max(top, 0)), cycle.shape))
                }
            default: return nil
            }
        }

        private func climbing(_ seen: Double) -> Double {
            let done = clock.count(warmupLength, from: 0, to: seen)
            return switch warmupShape {
            case .linear: start + (peak - start) * done
            case .exponential: start * pow(peak / start, done)
            case .constant: start
            }
        }

        private func falling(_ seen: Double) -> Double {
            switch curve {
            case .constant, .plateau: peak
            case .line(let from, let end): end + (peak - end) * (1 - progress(seen, from))
            case .cosine(let from, let end): end + (peak - end) * (1 + cos(.pi * progress(seen, from))) / 2
            case .polynomial(let from, let power, let end): end + (peak - end) * pow(1 - progress(seen, from), power)
            case .steps(let every, let factor): peak * pow(factor, clock.count(every, from: 0, to: seen).rounded(.down))
            case .marks(let marks, let factor): peak * pow(factor, Double(marks.count { $0 <= seen }))
            case .exponential(let every, let factor): peak * pow(factor, clock.count(every, from: warmup, to: seen))
            case .inverseSquareRoot(let over): peak / (1 + clock.count(over, from: warmup, to: seen)).squareRoot()
            case .restarts(let first, let factor, let end):
                end
                    + (peak - end)
                    * (1 + cos(.pi * placeInPeriod(clock.count(first, from: warmup, to: seen), factor, seen))) / 2
            case .triangles(let triangles): triangles.low + (peak - triangles.low) * height(triangles, seen)
            case .oneCycle(let cycle, let top):
                seen < top
                    ? between(peak / cycle.startDivisor, peak, seen / top, cycle.shape)
                    : between(
                        peak, peak / cycle.startDivisor / cycle.endDivisor, progress(seen, max(top, 0)), cycle.shape)
            }
        }

        /// The part of a decay that is done: 0 at the update where it begins, 1 at the last update of the run. A decay of
        /// one update stays at its beginning.
        private func progress(_ seen: Double, _ from: Double) -> Double {
            let last = clock.lastUpdate
            return last > from ? max(0, min((seen - from) / (last - from), 1)) : 0
        }

        private func between(_ a: Double, _ b: Double, _ part: Double, _ shape: OneCycle.Shape) -> Double {
            switch shape {
            case .linear: a + (b - a) * part
            case .cosine: b + (a - b) * (1 + cos(.pi * part)) / 2
            }
        }

        /// The part of a period that has passed, from 0 to below 1, after so many first periods; 1 where the run ends
        /// with one.
        private func placeInPeriod(_ count: Double, _ factor: Double, _ seen: Double) -> Double {
            func start(_ period: Double) -> Double {
                factor == 1 ? period : (pow(factor, period) - 1) / (factor - 1)
            }
            var period = (factor == 1 ? count : log(1 + count * (factor - 1)) / log(factor)).rounded(.down)
            // the logarithm may be wrong in its last place
            if period > 0, start(period) > count { period -= 1 }
            if start(period + 1) <= count { period += 1 }
            if seen >= total, period > 0, start(period) == count { return 1 }
            return (count - start(period)) / (start(period + 1) - start(period))
        }

        /// The height of a triangle at a place: 0 at its foot, 1 at the top of the first triangle.
        private func height(_ triangles: Triangles, _ seen: Double) -> Double {
            let count = clock.count(triangles.cycle, from: 0, to: seen)
            let whole = count.rounded(.down)
            let place = count - whole
            var height = place <= triangles.top ? place / triangles.top : (1 - place) / (1 - triangles.top)
            if triangles.isHalving { height *= pow(0.5, whole) }
            if let every = triangles.fallEvery {
                height *= pow(triangles.fallFactor, clock.count(every, from: 0, to: seen))
            }
            return height
        }
    }
}
