extension LearningRate {
    /// The course of the momentum of SGD, or of beta1 of Adam, against that of the rate: it falls to `low` while the
    /// rate climbs, and rises to `high` while the rate falls.
    public struct MomentumCycle: Hashable, Sendable {
        /// The momentum where the rate is lowest, from 0 to below 1.
        public var high: Double
        /// The momentum where the rate is highest, at least 0 and not above `high`.
        public var low: Double

        /// A cycle between these two values.
        public init(high: Double = 0.95, low: Double = 0.85) {
            self.high = high
            self.low = low
        }
    }

    /// A rate that climbs and falls in triangles between `low` and the peak [Smith 2017]: triangular, triangular2 and
    /// exp_range of the paper.
    public struct Triangular: Hashable, Sendable {
        /// The height of the triangles above `low`.
        public enum Height: Hashable, Sendable {
            /// Every triangle is as high as the first.
            case constant
            /// Every triangle is half as high as the one before.
            case halving
            /// The height is multiplied by `factor` over each length `every`, smoothly.
            case exponential(factor: Double, every: TrainingLength)
        }

        /// The lowest rate, at the foot of each triangle.
        public var low: Double
        /// The length of the climb from `low` to the top.
        public var up: TrainingLength
        /// The length of the fall back to `low`; nil: as long as `up`.
        public var down: TrainingLength?
        /// The height of the triangles.
        public var height: Height
        /// The cycle of the momentum; nil leaves the momentum as the optimizer has it.
        public var momentum: MomentumCycle?

        /// Triangles with these lengths and this lowest rate.
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

    /// One climb and one fall over the run: the rate goes from peak / startDivisor to the peak in the part `rise` of
    /// the run, then down to peak / startDivisor / endDivisor at the last update [Smith 2018]. In a run of T updates the
    /// peak is that of update `rise` T, as in PyTorch's `OneCycleLR(total_steps=T)`.
    public struct OneCycle: Hashable, Sendable {
        /// The curve of the rate between its lowest and highest values.
        public enum Shape: String, Hashable, Sendable, CaseIterable {
            /// Half a cosine wave, or a straight line.
            case cosine, linear
        }

        /// The part of the run in which the rate climbs, above 0 and below 1.
        public var rise: Double
        /// The peak divided by the rate at the beginning.
        public var startDivisor: Double
        /// The rate at the beginning divided by the rate at the end.
        public var endDivisor: Double
        /// The curve of the climb and of the fall.
        public var shape: Shape
        /// The cycle of the momentum; nil leaves the momentum as the optimizer has it.
        public var momentum: MomentumCycle?

        /// A cycle with PyTorch's default numbers, or with others.
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
