extension LearningRate {
    /// Where the momentum of SGD, or beta1 of Adam, goes while the rate climbs (to `low`) and falls (to `high`).
    public struct MomentumCycle: Hashable, Sendable {
        /// Numbers from 0 to below 1, `low` not above `high`.
        public var high: Double
        public var low: Double

        /// Between these.
        public init(high: Double = 0.95, low: Double = 0.85) {
            self.high = high
            self.low = low
        }
    }

    /// Triangles between `low` and the peak [Smith 2017]: triangular, triangular2 and exp_range of the paper.
    public struct Triangular: Hashable, Sendable {
        /// How high the triangles are.
        public enum Height: Hashable, Sendable {
            /// As high as the first.
            case constant
            /// Each half as high as the one before.
            case halving
            /// Times `factor` for each `every`, and smoothly between.
            case exponential(factor: Double, every: TrainingLength)
        }

        /// The rate at the foot.
        public var low: Double
        /// The way from the foot to the top, and back; nil: as long as up.
        public var up: TrainingLength
        public var down: TrainingLength?
        public var height: Height
        /// nil leaves the momentum as the optimizer has it.
        public var momentum: MomentumCycle?

        /// Triangles from `low`.
        public init(
            low: Double, up: TrainingLength, down: TrainingLength? = nil, height: Height = .constant,
            momentum: MomentumCycle? = nil
        ) {
            self.low = low
            self.up = up
            self.down = down
            self.height = height
            self.momentum = momentum
        }
    }

    /// From peak / startDivisor to the peak in the part `rise` of the run, then down to peak / startDivisor / endDivisor
    /// at its end [Smith 2018].
    public struct OneCycle: Hashable, Sendable {
        /// How the rate goes between its ends.
        public enum Shape: String, Hashable, Sendable, CaseIterable {
            case cosine, linear
        }

        public var rise: Double
        public var startDivisor: Double
        public var endDivisor: Double
        public var shape: Shape
        /// nil leaves the momentum as the optimizer has it.
        public var momentum: MomentumCycle?

        /// The usual numbers, or others.
        public init(
            rise: Double = 0.3, startDivisor: Double = 25, endDivisor: Double = 1e4, shape: Shape = .cosine,
            momentum: MomentumCycle? = MomentumCycle()
        ) {
            self.rise = rise
            self.startDivisor = startDivisor
            self.endDivisor = endDivisor
            self.shape = shape
            self.momentum = momentum
        }
    }
}
