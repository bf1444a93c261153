/// The finaliser of SplitMix64: spreads every bit of its argument over all 64 bits of the result (Steele et al., 2014).
@inline(__always)
func splitMix64(_ value: UInt64) -> UInt64 {
    var bits = value
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
}

/// Which rows of a file are kept back for testing: a pure function of seed, row and count.
package enum Split {
    /// Exactly `round(fraction * count)` rows for testing, the others for training, each in the order of the file.
    package static func rows(count: Int, testFraction: Double, seed: UInt64) -> (train: [Int], test: [Int]) {
        let testCount = Int((testFraction * Double(count)).rounded())
        // The constant keeps this use of the seed apart from every other.
        let stream = splitMix64(seed ^ 0x7370_6c69_742d_3031)
        let golden: UInt64 = 0x9e37_79b9_7f4a_7c15
        let keys = (0..<count).map { splitMix64(stream &+ (UInt64($0) &+ 1) &* golden) }
        let shuffled = (0..<count).sorted { (keys[$0], $0) < (keys[$1], $1) }
        return (shuffled[testCount...].sorted(), shuffled[..<testCount].sorted())
    }
}
