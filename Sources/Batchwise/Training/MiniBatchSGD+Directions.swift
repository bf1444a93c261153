extension MiniBatchSGD.Step {
    /// Turns the gradient g into the direction of the optimizer, by the formulas in the files of `Optimizing/Rules`; m
    /// is `mean` and v is `square`.
    @inlinable
    mutating func turnGradient(_ theta: [Scalar], _ numbers: PreciseOptimizer.Numbers) {
        switch optimizer.kind {
        case .sgd, .lars: addVelocity(numbers)
        case .adam:
            adaptMeans(numbers)
            for index in gradient.indices {
                if optimizer.keepsLargest { third[index] = max(third[index], square[index]) }
                let largest = optimizer.keepsLargest ? third[index] : square[index]
                gradient[index] = mean[index] / Scalar(numbers.correction1) / scale(largest, numbers)
            }
        case .nadam:
            let (ofGradient, ofMean) = (Scalar(numbers.gradientFactor), Scalar(numbers.meanFactor))
            adaptMeans(numbers)
            for index in gradient.indices {
                gradient[index] =
                    (ofGradient * gradient[index] + ofMean * mean[index]) / scale(square[index], numbers)
            }
        case .rmsprop: divideByRoot(numbers)
        case .adagrad:
            for index in gradient.indices {
                square[index] += gradient[index] * gradient[index]
                gradient[index] /= square[index].squareRoot() + Scalar(optimizer.epsilon)
            }
        case .lion:
            let (beta1, beta2) = (Scalar(numbers.beta1), Scalar(optimizer.beta2))
            for index in gradient.indices {
                let blend = beta1 * mean[index] + (1 - beta1) * gradient[index]
                mean[index] = beta2 * mean[index] + (1 - beta2) * gradient[index]
                gradient[index] = blend > 0 ? 1 : blend < 0 ? -1 : 0
            }
        case .lamb:
            adaptMeans(numbers)
            for index in gradient.indices {
                let adapted = mean[index] / Scalar(numbers.correction1) / scale(square[index], numbers)
                gradient[index] = adapted + Scalar(optimizer.decay) * theta[index]
            }
            let (parameters, direction) = (norm(theta), norm(gradient))
            guard parameters > 0, direction > 0 else { return }
            for index in gradient.indices { gradient[index] *= Scalar(parameters / direction) }
        }
    }

    /// The direction is the velocity m <- momentum m + (1 - dampening) g, or g + momentum m.
    @inlinable
    mutating func addVelocity(_ numbers: PreciseOptimizer.Numbers) {
        if mean.isEmpty { return }
        let (momentum, fresh) = (Scalar(numbers.momentum), Scalar(numbers.isFirst ? 1 : 1 - optimizer.dampening))
        for index in gradient.indices {
            mean[index] = momentum * mean[index] + fresh * gradient[index]
            gradient[index] = optimizer.isNesterov ? gradient[index] + momentum * mean[index] : mean[index]
        }
    }

    /// m <- beta1 m + (1 - beta1) g; v <- beta2 v + (1 - beta2) g^2.
    @inlinable
    mutating func adaptMeans(_ numbers: PreciseOptimizer.Numbers) {
        let (beta1, beta2) = (Scalar(numbers.beta1), Scalar(optimizer.beta2))
        for index in gradient.indices {
            mean[index] = beta1 * mean[index] + (1 - beta1) * gradient[index]
            square[index] = beta2 * square[index] + (1 - beta2) * gradient[index] * gradient[index]
        }
    }

    /// sqrt(v / (1 - beta2^t)) + epsilon.
    @inlinable
    func scale(_ square: Scalar, _ numbers: PreciseOptimizer.Numbers) -> Scalar {
        (square / Scalar(numbers.correction2)).squareRoot() + Scalar(optimizer.epsilon)
    }

    /// g over the root of its mean square, or of its variance, and its velocity where there is momentum.
    @inlinable
    mutating func divideByRoot(_ numbers: PreciseOptimizer.Numbers) {
        let (smoothing, momentum) = (Scalar(optimizer.beta2), Scalar(numbers.momentum))
        for index in gradient.indices {
            square[index] = smoothing * square[index] + (1 - smoothing) * gradient[index] * gradient[index]
            var size = square[index]
            if optimizer.isCentered {
                third[index] = smoothing * third[index] + (1 - smoothing) * gradient[index]
                size = max(0, size - third[index] * third[index])
            }
            gradient[index] /= size.squareRoot() + Scalar(optimizer.epsilon)
            if !mean.isEmpty {
                mean[index] = momentum * mean[index] + gradient[index]
                gradient[index] = mean[index]
            }
        }
    }

    /// trust |w| / (|g| + decay |w|), or 1 where a norm is 0.
    @inlinable
    func larsFactor(_ theta: [Scalar]) -> Scalar {
        let (parameters, gradient) = (norm(theta), norm(gradient))
        guard parameters > 0, gradient > 0 else { return 1 }
        return Scalar(optimizer.trust * parameters / (gradient + optimizer.decay * parameters))
    }
}
