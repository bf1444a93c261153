/// The mean and deviation that standardise numbers.
package struct Moments: Equatable {
    package var mean: Double
    /// The deviation of the population, as in scikit-learn's StandardScaler; 1 for numbers that are all the same.
    package var deviation: Double

    /// Computes both in two passes over the numbers, in order: exact enough for any scale, and the same on every
    /// machine.
    package init(_ values: some Collection<Double>) {
        var moments = RunningMoments()
        for value in values { moments.add(value) }
        moments.endFirstPass()
        for value in values { moments.addDistance(value) }
        self.init(mean: moments.mean, deviation: moments.deviation == 0 ? 1 : moments.deviation)
    }

    package init(mean: Double, deviation: Double) {
        self.mean = mean
        self.deviation = deviation
    }

    /// Computes both for bytes with whole numbers, exactly up to one rounding. `counts` says how often each byte
    /// occurs.
    package init(counts: [Int]) {
        var total: UInt64 = 0
        var sum: UInt64 = 0
        var squares: UInt64 = 0
        for (byte, count) in counts.enumerated() {
            total += UInt64(count)
            sum += UInt64(count) * UInt64(byte)
            squares += UInt64(count) * UInt64(byte * byte)
        }
        guard total > 0 else {
            self.init(mean: 0, deviation: 1)
            return
        }
        let spread = UInt128(total) * UInt128(squares) - UInt128(sum) * UInt128(sum)
        let deviation = spread == 0 ? 1 : Double(spread).squareRoot() / Double(total)
        self.init(mean: Double(sum) / Double(total), deviation: deviation)
    }

    /// The number of times that each byte occurs in these examples.
    package static func counts(_ bytes: [UInt8], width: Int, rows: (some Collection<Int>)?) -> [Int] {
        bytes.withUnsafeBufferPointer { counts($0, width: width, rows: rows) }
    }

    package static func counts(_ source: UnsafeBufferPointer<UInt8>, width: Int, rows: (some Collection<Int>)?) -> [Int]
    {
        // four tables, so that runs of one byte do not wait for each other
        var counts = [Int](repeating: 0, count: 4 * 256)
        counts.withUnsafeMutableBufferPointer { counts in
            func add(_ range: Range<Int>) {
                var at = range.lowerBound
                while at + 4 <= range.upperBound {
                    for table in 0..<4 { counts[256 * table + Int(source[at + table])] &+= 1 }
                    at += 4
                }
                for at in at..<range.upperBound { counts[Int(source[at])] &+= 1 }
            }
            if let rows {
                for row in rows { add((row * width)..<((row + 1) * width)) }
            } else {
                add(0..<source.count)
            }
        }
        return (0..<256).map { counts[$0] + counts[256 + $0] + counts[512 + $0] + counts[768 + $0] }
    }
}
