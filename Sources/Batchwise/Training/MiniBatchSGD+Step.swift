extension MiniBatchSGD {
    /// The arithmetic of one update, in the precision of the parameters, and the buffers that it needs.
    @usableFromInline
    struct Step<Scalar: BinaryFloatingPoint & Sendable> {
        @usableFromInline let optimizer: PreciseOptimizer
        @usableFromInline let clip: Clipping?
        @usableFromInline var gradient: [Scalar]
        /// The vectors that the optimizer keeps, each as long as the parameters or empty: a velocity or running mean, a
        /// running mean or sum of squares, and the largest one or the mean of a centred RMSProp.
        @usableFromInline var mean, square, third: [Scalar]

        @inlinable
        init(_ optimizer: PreciseOptimizer, clip: Clipping?, parameters: Int) {
            self.optimizer = optimizer
            self.clip = clip
            gradient = [Scalar](repeating: 0, count: parameters)
            func vector(_ isKept: Bool) -> [Scalar] { [Scalar](repeating: 0, count: isKept ? parameters : 0) }
            switch optimizer.kind {
            case .sgd, .lars: (mean, square, third) = (vector(optimizer.momentum > 0), [], [])
            case .adam: (mean, square, third) = (vector(true), vector(true), vector(optimizer.keepsLargest))
            case .nadam, .lamb: (mean, square, third) = (vector(true), vector(true), [])
            case .rmsprop:
                (mean, square, third) = (vector(optimizer.momentum > 0), vector(true), vector(optimizer.isCentered))
            case .adagrad:
                (mean, square, third) = ([], vector(true), [])
                for index in square.indices { square[index] = Scalar(optimizer.initialSum) }
            case .lion: (mean, square, third) = (vector(true), [], [])
            }
        }

        @inlinable
        mutating func clearGradient() {
            for index in gradient.indices { gradient[index] = 0 }
        }

        /// Moves the parameters along the direction into which the optimizer turns the gradient. `theta` has as many
        /// elements as the gradient.
        @inlinable
        mutating func update(_ theta: inout [Scalar], _ numbers: PreciseOptimizer.Numbers) {
            clipGradient()
            let trust = optimizer.kind == .lars ? larsFactor(theta) : 1
            decay(&theta, rate: numbers.rate)
            if trust != 1 { for index in gradient.indices { gradient[index] *= trust } }
            turnGradient(theta, numbers)
            let rate = Scalar(numbers.rate)
            for index in theta.indices { theta[index] -= rate * gradient[index] }
        }

        @inlinable
        mutating func clipGradient() {
            switch clip {
            case nil: break
            case .norm(let most), .parameterNorm(let most):
                let factor = Double(most) / (norm(gradient) + 1e-6)
                if factor < 1 { for index in gradient.indices { gradient[index] *= Scalar(factor) } }
            case .value(let most):
                let most = Scalar(most)
                for index in gradient.indices { gradient[index] = max(-most, min(most, gradient[index])) }
            }
        }

        /// Coupled decay adds decay theta to the gradient; decoupled decay multiplies theta by 1 - rate decay. LAMB adds
        /// its own to the direction.
        @inlinable
        mutating func decay(_ theta: inout [Scalar], rate: Double) {
            guard optimizer.decay > 0, optimizer.kind != .lamb else { return }
            if optimizer.isDecoupled {
                let kept = Scalar(1 - rate * optimizer.decay)
                for index in theta.indices { theta[index] *= kept }
            } else {
                let decay = Scalar(optimizer.decay)
                for index in theta.indices { gradient[index] += decay * theta[index] }
            }
        }

        /// The Euclidean norm, summed in Double.
        @inlinable
        func norm(_ vector: [Scalar]) -> Double {
            var sum = 0.0
            for value in vector { sum += Double(value) * Double(value) }
            return sum.squareRoot()
        }
    }

    /// The place of the first element that is infinite or not a number.
    @inlinable
    func firstNonFinite<Scalar: BinaryFloatingPoint>(in values: Span<Scalar>) -> Int? {
        for index in values.indices where !values[index].isFinite { return index }
        return nil
    }
}
