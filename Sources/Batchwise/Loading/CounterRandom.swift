import Foundation

/// Random numbers addressed by a counter instead of drawn in sequence.
///
/// A generator with state gives each caller what the callers before it left over, so that its numbers depend on who
/// asked first. Here number `n` of a stream is a pure function of the stream's key and `n`, and the key one of what the
/// number is for: workers, threads and call order cannot change it.
///
/// The mix is the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
/// 2014), applied twice a number. It is not for cryptography.
package struct CounterRandom: Sendable, Hashable {
    /// The purpose of the numbers. A new purpose takes a new number, and no number is ever used again.
    package enum Purpose: UInt64, Sendable, Hashable, CaseIterable {
        case shuffle = 1
        case initialisation = 2
        case dropout = 3
        case split = 4
        case data = 5
        case augmentation = 6
        case mixing = 7
        case sampling = 9
        case generation = 10
        case simulation = 11
        case direction = 12
        case backup = 13
    }

    /// The address of this stream.
    package let key: UInt64

    /// The stream with a key made elsewhere.
    package init(key: UInt64) {
        self.key = key
    }

    /// The stream of a seed and a purpose, and of an epoch, example and layer where the purpose has them.
    package init(seed: UInt64, purpose: Purpose, epoch: Int = 0, example: Int = 0, layer: Int = 0) {
        key = Self.key(seed: seed, purpose: purpose, epoch: epoch, example: example, layer: layer)
    }

    /// The key of a seed and a purpose, and of an epoch, example and layer where the purpose has them.
    package static func key(
        seed: UInt64, purpose: Purpose, epoch: Int = 0, example: Int = 0, layer: Int = 0
    ) -> UInt64 {
        var key = mix(seed &+ increment)
        key = joined(key, purpose.rawValue)
        key = joined(key, UInt64(bitPattern: Int64(epoch)))
        key = joined(key, UInt64(bitPattern: Int64(example)))
        return joined(key, UInt64(bitPattern: Int64(layer)))
    }

    /// The stream of one further word, for a purpose with more parts than epoch, example and layer.
    package func keyed(by word: UInt64) -> CounterRandom {
        CounterRandom(key: Self.joined(key, word))
    }

    /// 64 random bits, number `counter` of the stream.
    package func bits(at counter: UInt64) -> UInt64 {
        // One mix alone would make all streams windows into one long sequence; the key enters the second mix again.
        Self.mix(Self.mix(key &+ (counter &+ 1) &* Self.increment) ^ key)
    }

    /// A uniform number in [0, 1), number `counter` of the stream: a multiple of 2^-53.
    package func uniform(at counter: UInt64) -> Double {
        Double(bits(at: counter) >> 11) * 0x1p-53
    }

    /// A standard normal number, number `counter` of the stream's normal numbers.
    ///
    /// sqrt(-2 ln(1 - u)) cos(2 pi v) with u and v the uniform numbers 2 `counter` and 2 `counter` + 1 (Box and Muller,
    /// "A note on the generation of random normal deviates", 1958). Take a stream of its own for normal numbers:
    /// uniform numbers of the same stream would be the same draws.
    package func normal(at counter: UInt64) -> Double {
        let u = 1 - uniform(at: 2 &* counter)  // in (0, 1], so that the logarithm is finite
        let v = uniform(at: 2 &* counter &+ 1)
        return (-2 * log(u)).squareRoot() * cos(2 * Double.pi * v)
    }

    /// A bijection of 64-bit words in which each bit of the result depends on each bit of `word`.
    package static func mix(_ word: UInt64) -> UInt64 {
        var z = word
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// A bijection of 32-bit words in which each bit of the result depends on each bit of `word`: Wellons' lowbias32,
    /// "Prospecting for hash functions", 2018.
    package static func mix(_ word: UInt32) -> UInt32 {
        var z = word
        z = (z ^ (z >> 16)) &* 0x7feb_352d
        z = (z ^ (z >> 15)) &* 0x846c_a68b
        return z ^ (z >> 16)
    }

    /// 2^64 divided by the golden ratio, made odd: the steps of SplitMix64.
    package static var increment: UInt64 { 0x9e37_79b9_7f4a_7c15 }

    private static func joined(_ key: UInt64, _ word: UInt64) -> UInt64 {
        mix((key ^ word) &+ increment)
    }
}
