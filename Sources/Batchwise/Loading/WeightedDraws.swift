import Foundation

/// The examples that an epoch draws with given chances: a pure function of (seed, epoch, position).
enum WeightedDraws: Sendable, Hashable {
    /// Examples are drawn with replacement, and each position draws on its own. Position p has the first example whose
    /// running sum of chances is above u x their total, for the uniform number u of p.
    ///
    /// - Complexity: O(log n) a lookup; 8 bytes an example, which all epochs share.
    case independent(sums: [Double], random: CounterRandom)
    /// Examples are drawn without replacement: the list has the examples of an epoch, in turn.
    case order([Int])

    /// Draws with replacement, from running sums of the chances.
    init(sums: [Double], seed: UInt64, epoch: Int) {
        self = .independent(sums: sums, random: CounterRandom(seed: seed, purpose: .sampling, epoch: epoch))
    }

    /// Draws without replacement, as if examples were drawn one after the other from those that are left, each by its
    /// chance.
    ///
    /// Every example has the key u^(1/chance) for its uniform number u, and the examples with the largest keys come
    /// first: Efraimidis and Spirakis, "Weighted random sampling with a reservoir", 2006. The keys are compared by
    /// their negative logarithms, -log(u) / chance.
    ///
    /// - Complexity: O(n log n) once an epoch, with 16 bytes an example, and 8 for each that the epoch has.
    init(chances: [Double], length: Int, seed: UInt64, epoch: Int) {
        let random = CounterRandom(seed: seed, purpose: .sampling, epoch: epoch)
        let keys = chances.enumerated().map { example, chance in
            chance > 0 ? -log(1 - random.uniform(at: UInt64(example))) / chance : .infinity
        }
        let sorted = chances.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
        self = .order(Array(sorted.prefix(length)))
    }

    /// Running sums of chances.
    static func sums(of chances: [Double]) -> [Double] {
        var sum = 0.0
        return chances.map { chance in
            sum += chance
            return sum
        }
    }

    /// The example at a position.
    subscript(position: Int) -> Int {
        switch self {
        case .order(let examples): return examples[position]
        case .independent(let sums, let random):
            let wanted = random.uniform(at: UInt64(position)) * (sums.last ?? 0)
            var (low, high) = (0, sums.count - 1)
            while low < high {
                let middle = (low + high) / 2
                if sums[middle] > wanted { high = middle } else { low = middle + 1 }
            }
            return low
        }
    }
}
