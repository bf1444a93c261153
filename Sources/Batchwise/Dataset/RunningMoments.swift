/// The mean and deviation of numbers that are handed over twice in the same order: the same to the last bit however
/// many of them are in memory at a time.
///
/// ```swift
/// var moments = RunningMoments()
/// for number in numbers { moments.add(number) }
/// moments.endFirstPass()
/// for number in numbers { moments.addDistance(number) }
/// print(moments.mean, moments.deviation)
/// ```
package struct RunningMoments: Equatable, Sendable {
    /// The mean after the first pass; 0 without numbers.
    package var mean = 0.0
    /// The number of numbers in the first pass.
    package var count = 0
    /// Whether all numbers are the same. Rounding must not give those a deviation of 1e-17.
    package var isConstant = true
    @usableFromInline var first = 0.0
    @usableFromInline var sum = 0.0
    @usableFromInline var squares = 0.0

    @inlinable package init() {}

    /// Adds a number in the first pass.
    @inlinable @inline(__always)
    package mutating func add(_ number: Double) {
        if count == 0 { first = number }
        if number != first { isConstant = false }
        count += 1
        sum += number
    }

    /// Ends the first pass, before the second begins.
    @inlinable
    package mutating func endFirstPass() { mean = isConstant ? first : sum / Double(count) }

    /// Adds a number in the second pass, which has the same numbers as the first.
    @inlinable @inline(__always)
    package mutating func addDistance(_ number: Double) {
        let distance = number - mean
        squares += distance * distance
    }

    /// The deviation of the population after the second pass: 1 where all numbers are the same, and 0 where distances
    /// are so small that their squares are 0.
    package var deviation: Double { isConstant ? 1 : (squares / Double(count)).squareRoot() }
}
