/// Whether a target is the same line of a column in every row, as degrees Fahrenheit are of degrees Celsius.
///
/// The line goes through the first point and the one farthest from it, so that rounding does not tilt it.
struct LineOfTarget {
    /// The part of the range of the target by which rounding may move it.
    private static let tolerance = 1e-4

    private(set) var isDisproved = false
    private(set) var rows = 0
    private var first = (x: 0.0, y: 0.0)
    private var far = (x: 0.0, y: 0.0)

    var slope: Double { (far.y - first.y) / (far.x - first.x) }
    var offset: Double { first.y - slope * first.x }
    var isConstant: Bool { far.x == first.x || far.y == first.y }

    mutating func add(x: Double, y: Double) {
        rows += 1
        if rows == 1 {
            first = (x, y)
            far = first
        } else if abs(x - first.x) > abs(far.x - first.x) {
            let before = far
            far = (x, y)
            check(before.x, before.y)
        } else {
            check(x, y)
        }
    }

    private mutating func check(_ x: Double, _ y: Double) {
        let line = far.x == first.x ? first.y : first.y + slope * (x - first.x)
        if !(abs(y - line) <= Self.tolerance * abs(far.y - first.y)) { isDisproved = true }
    }
}
