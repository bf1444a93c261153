/// The distance of two numbers, counted in the numbers that lie between them.
///
/// ```swift
/// print(unitsInTheLastPlace(Float(1), 1.0000001))                       // 1
/// print(unitsInTheLastPlace(Float(-0.0), 0))                            // 1
/// print(unitsInTheLastPlace(Float.greatestFiniteMagnitude, .infinity))  // 1
/// ```
/// It is 0 exactly where all bits are the same: 0 and -0 are neighbours. The distance from NaN to anything but the same
/// bits is the largest that there is.
package func unitsInTheLastPlace(_ one: Float, _ other: Float) -> UInt64 {
    distance(Int64(one.bitPattern.signed), Int64(other.bitPattern.signed), isNaN: one.isNaN || other.isNaN)
}

/// The distance of two 64-bit numbers.
package func unitsInTheLastPlace(_ one: Double, _ other: Double) -> UInt64 {
    let (one, other, isNaN) = (one.bitPattern, other.bitPattern, one.isNaN || other.isNaN)
    let top: UInt64 = 1 << 63
    func order(_ bits: UInt64) -> Int64 { bits & top == 0 ? Int64(bits) : ~Int64(bits & ~top) }
    return distance(order(one), order(other), isNaN: isNaN)
}

private func distance(_ one: Int64, _ other: Int64, isNaN: Bool) -> UInt64 {
    if one == other { return 0 }
    // no two numbers of a sign are 2^63 apart, and of two signs the difference still fits 64 bits
    return isNaN ? .max : UInt64(bitPattern: max(one, other)) &- UInt64(bitPattern: min(one, other))
}

extension UInt32 {
    /// The place of a float in the order of all floats: 0 for 0, -1 for -0.
    fileprivate var signed: Int32 { self & 1 << 31 == 0 ? Int32(self) : ~Int32(self & ~(1 << 31)) }
}
