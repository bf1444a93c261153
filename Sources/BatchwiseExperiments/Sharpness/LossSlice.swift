import Batchwise

/// The loss along one or two random directions from fixed parameters.
///
/// A direction is of normal numbers. The part of each filter, the weights of one output, has the length of that filter;
/// biases, gains and shifts stay as they are [Li 2018]. So slices of models whose weights have other sizes can be
/// compared.
package struct LossSlice: Sendable, Hashable {
    /// The multiples of the direction, from -1 to 1.
    package let places: [Double]
    /// The losses: a row for each multiple of the second direction, or one row where there is none; nil where a loss is
    /// not finite.
    package private(set) var losses: [[Double?]] = []

    /// The loss along one direction or two.
    package init(
        _ subject: Subject, directions: Int, examples: Int? = nil, progress: (Int, Int) -> Void = { _, _ in }
    ) throws {
        var loss = try TrainingLoss(subject, examples: examples)
        let random = CounterRandom(seed: subject.recipe.seed, purpose: .direction).keyed(by: 4)
        let origin = loss.position
        let first = Self.direction(loss, from: origin, random.keyed(by: 0))
        let second = directions > 1 ? Self.direction(loss, from: origin, random.keyed(by: 1)) : nil
        let half = directions > 1 ? 10 : 20
        places = (-half...half).map { Double($0) / Double(half) }
        let rows = second == nil ? [0] : places
        for row in rows {
            losses.append([])
            for place in places {
                var position = origin
                add(place, first, to: &position)
                if let second { add(row, second, to: &position) }
                loss.move(to: position)
                losses[losses.count - 1].append(try loss.valueIfFinite())
                progress((losses.count - 1) * places.count + losses[losses.count - 1].count, rows.count * places.count)
            }
        }
    }

    /// A direction whose filters have the lengths of those at `origin`.
    static func direction(_ loss: borrowing TrainingLoss, from origin: [Double], _ random: CounterRandom) -> [Double] {
        var direction: [Double] = []
        for (parameter, range) in zip(loss.parameters, loss.places) {
            let (shape, weights) = parameter.toFile(origin[range].map { Float($0) })
            guard shape.count > 1 else {
                direction += Array(repeating: 0, count: parameter.count)
                continue
            }
            let filter = weights.count / shape[0]
            var numbers: [Float] = []
            for start in stride(from: 0, to: weights.count, by: filter) {
                let part = (start..<start + filter).map { random.normal(at: UInt64(range.lowerBound + $0)) }
                let length = norm(weights[start..<start + filter].map(Double.init))
                numbers += scaled(length / norm(part), part).map { Float($0) }
            }
            direction += parameter.fromFile(numbers).map(Double.init)
        }
        return direction
    }
}
