extension MiniBatchSGD {
    /// The arithmetic of one update and the buffers that it needs.
    @usableFromInline
    struct Step<Scalar: BinaryFloatingPoint & Sendable> {
        @usableFromInline let learningRate, momentum, weightDecay: Scalar
        @usableFromInline let nesterov: Bool
        @usableFromInline var gradient: [Scalar]
        /// Empty without momentum.
        @usableFromInline var velocity: [Scalar]

        @inlinable
        init(_ settings: MiniBatchSGD, parameters: Int) {
            learningRate = Scalar(settings.learningRate)
            momentum = Scalar(settings.momentum)
            weightDecay = Scalar(settings.weightDecay)
            nesterov = settings.nesterov
            gradient = [Scalar](repeating: 0, count: parameters)
            velocity = [Scalar](repeating: 0, count: settings.momentum > 0 ? parameters : 0)
        }

        @inlinable
        mutating func clearGradient() {
            for index in gradient.indices { gradient[index] = 0 }
        }

        /// Moves the parameters along the gradient. `theta` has as many elements as the gradient.
        @inlinable
        mutating func update(_ theta: inout [Scalar]) {
            for index in theta.indices {
                var direction = gradient[index] + weightDecay * theta[index]
                if !velocity.isEmpty {
                    velocity[index] = momentum * velocity[index] + direction
                    direction = nesterov ? direction + momentum * velocity[index] : velocity[index]
                }
                theta[index] -= learningRate * direction
            }
        }
    }

    /// The place of the first element that is infinite or not a number.
    @inlinable
    func firstNonFinite<Scalar: BinaryFloatingPoint>(in values: Span<Scalar>) -> Int? {
        for index in values.indices where !values[index].isFinite { return index }
        return nil
    }
}
