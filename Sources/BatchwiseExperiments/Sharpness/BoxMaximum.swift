/// The largest value of a smooth function that ascent finds in the box |z_i| <= bounds[i].
///
/// Steps are those of limited-memory BFGS on the coordinates that are free to move, projected onto the box [Bertsekas
/// 1982, Byrd 1995]. Where the function has no curvature that a maximum needs, a step goes along the gradient as far as
/// the box lets it: the maximum of a convex function is in a corner.
struct BoxMaximum {
    /// The largest value of all that were computed.
    private(set) var value: Double
    /// Its place.
    private(set) var point: [Double]
    /// How often the function was computed.
    private(set) var evaluations = 0

    private typealias Value = (value: Double, gradient: [Double])
    private let bounds: [Double]
    /// Changes of the place and of the gradient, in the coordinates z_i / bounds[i].
    private var changes: [(place: [Double], gradient: [Double])] = []

    private static let memory = 10

    /// Climbs from a place in the box; nil where the function is not finite there.
    ///
    /// - Parameter function: The value and the gradient at a place; nil where they are not finite.
    init?(
        bounds: [Double], from start: [Double], iterations: Int,
        _ function: ([Double]) throws -> (value: Double, gradient: [Double])?
    ) rethrows {
        self.bounds = bounds
        (value, point) = (-.infinity, start)
        // all sides of the box become 1
        var z = zip(start, bounds).map { $1 > 0 ? max(-1, min(1, $0 / $1)) : 0 }
        guard var now = try evaluate(z, function) else { return nil }
        for _ in 0..<iterations {
            let free = z.indices.map { !(z[$0] >= 1 && now.gradient[$0] > 0 || z[$0] <= -1 && now.gradient[$0] < 0) }
            let slope = zip(now.gradient, free).map { $1 ? $0 : 0 }
            guard slope.contains(where: { $0 != 0 }) else { return }
            guard let (next, then) = try climb(z, now, slope, free, function) else { return }
            remember(zip(next, z).map { $0 - $1 }, zip(then.gradient, now.gradient).map { $0 - $1 })
            (z, now) = (next, then)
        }
    }

    private mutating func evaluate(
        _ z: [Double], _ function: ([Double]) throws -> (value: Double, gradient: [Double])?
    ) rethrows -> Value? {
        let place = zip(z, bounds).map { $0 * $1 }
        evaluations += 1
        guard let (found, gradient) = try function(place), found.isFinite else { return nil }
        if found > value { (value, point) = (found, place) }
        return (found, zip(gradient, bounds).map { $0 * $1 })
    }

    /// The first place along the projected path that is enough higher [Armijo 1966]; nil where there is none.
    private mutating func climb(
        _ z: [Double], _ now: Value, _ slope: [Double], _ free: [Bool],
        _ function: ([Double]) throws -> (value: Double, gradient: [Double])?
    ) rethrows -> (place: [Double], value: Value)? {
        let direction = changes.isEmpty ? slope : newton(slope, free)
        let isNewton = !changes.isEmpty && dot(direction, slope) > 0
        let along = isNewton ? direction : slope
        // 2 takes every coordinate from one side of the box to the other
        let smallest = slope.reduce(Double.infinity) { $1 != 0 ? min($0, abs($1)) : $0 }
        var length = isNewton ? 1 : min(2 / smallest, 1e12 / norm(slope))
        for _ in 0..<(isNewton ? 8 : 16) {
            let next = z.indices.map { max(-1, min(1, z[$0] + length * along[$0])) }
            let rise = z.indices.reduce(0.0) { $0 + now.gradient[$1] * (next[$1] - z[$1]) }
            if rise > 0, let then = try evaluate(next, function), then.value >= now.value + 1e-4 * rise {
                return (next, then)
            }
            length *= isNewton ? 0.5 : 0.125
        }
        return nil
    }

    /// Keeps a change along which the function is concave, as a maximum needs it.
    private mutating func remember(_ place: [Double], _ gradient: [Double]) {
        guard dot(place, gradient) < -1e-10 * norm(place) * norm(gradient) else {
            changes.removeAll()
            return
        }
        changes.append((place, gradient))
        if changes.count > Self.memory { changes.removeFirst() }
    }

    /// The slope times the inverse of the curvature that the changes tell, in the free coordinates [Nocedal 1980].
    private func newton(_ slope: [Double], _ free: [Bool]) -> [Double] {
        var direction = slope
        var factors: [Double] = []
        for change in changes.reversed() {
            let factor = dot(change.place, direction) / dot(change.place, change.gradient)
            add(-factor, change.gradient, to: &direction)
            factors.append(factor)
        }
        if let last = changes.last {
            direction = scaled(-dot(last.place, last.gradient) / dot(last.gradient, last.gradient), direction)
        }
        for (change, factor) in zip(changes, factors.reversed()) {
            // the curvature of a maximum is negative
            let back = dot(change.gradient, direction) / dot(change.place, change.gradient)
            add(-factor - back, change.place, to: &direction)
        }
        return zip(direction, free).map { $1 ? $0 : 0 }
    }
}
