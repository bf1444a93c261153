import Testing

@testable import Batchwise

@Suite struct UnitsInTheLastPlaceTests {
    private static let floats: [(Float, Float, UInt64)] = [
        (1, 1, 0), (1, Float(1).nextUp, 1), (1, 2, 0x80_0000), (-1, -2, 0x80_0000), (0, 0, 0),
    ]
    private static let zerosAndLeast: [(Float, Float, UInt64)] = [
        (0, -Float(0), 1), (0, Float.leastNonzeroMagnitude, 1), (-Float(0), -Float.leastNonzeroMagnitude, 1),
        (-Float.leastNonzeroMagnitude, Float.leastNonzeroMagnitude, 3),
        (Float.leastNonzeroMagnitude, Float.leastNormalMagnitude, 0x7F_FFFF),
    ]
    private static let ends: [(Float, Float, UInt64)] = [
        (Float.greatestFiniteMagnitude, Float.infinity, 1), (-Float.infinity, Float.infinity, 0xFF00_0001),
        (1, -1, 0x7F00_0001), (Float.nan, Float.nan, 0), (Float.nan, 1, UInt64.max),
        (Float.nan, -Float.nan, UInt64.max), (Float.infinity, Float.nan, UInt64.max),
    ]
    private static let doubles: [(Double, Double, UInt64)] = [
        (1, 1, 0), (1, Double(1).nextDown, 1), (0, -Double(0), 1), (1, 2, 0x10_0000_0000_0000),
        (-1, -2, 0x10_0000_0000_0000), (-Double.leastNonzeroMagnitude, Double.leastNonzeroMagnitude, 3),
        (Double.greatestFiniteMagnitude, Double.infinity, 1),
        (-Double.infinity, Double.infinity, 0xFFE0_0000_0000_0001), (Double.nan, Double.nan, 0),
        (Double.nan, 0, UInt64.max),
    ]

    @Test func knownFloats() {
        for (one, other, units) in Self.floats + Self.zerosAndLeast + Self.ends {
            #expect(unitsInTheLastPlace(one, other) == units, "\(one) \(other)")
            #expect(unitsInTheLastPlace(other, one) == units, "\(other) \(one)")
        }
    }

    @Test func knownDoubles() {
        for (one, other, units) in Self.doubles {
            #expect(unitsInTheLastPlace(one, other) == units, "\(one) \(other)")
            #expect(unitsInTheLastPlace(other, one) == units, "\(other) \(one)")
        }
    }

    /// Counting number by number, with the standard library, gives the same distance.
    @Test func stepsAreCounted() {
        for start in [Float(-1e-44), -0.5, 0.999_999, 3e38] {
            var number = start
            for steps in UInt64(0)..<200 where number.isFinite {
                // the standard library goes from -1e-45 to -0, and from there past 0
                let zero: UInt64 = start < 0 && number > 0 ? 1 : 0
                #expect(unitsInTheLastPlace(start, number) == steps + zero, "\(start) \(steps)")
                number = number.nextUp
            }
        }
    }
}
