/// The sets of numbers over which a normalisation takes its mean and (biased) variance.
package enum Normalisation: Hashable, Sendable {
    /// Within an example: each of `groups` equal groups of channels over all `positions`. The tensor is
    /// `[batch * lead, positions, channels]`; moments are `[batch, lead * groups, 2]`: (mean, 1/deviation) pairs.
    /// A layer norm over the last axis has positions 1 and groups 1, with `lead` positions normalised apart.
    case group(lead: Int, positions: Int, channels: Int, groups: Int, epsilon: Float)
    /// Across examples: each channel over chunks of `size` consecutive examples of the batch (the last may be smaller)
    /// and all positions. Moments are `[batch, 2, channels]` (means, then 1/deviations), of which the first example of
    /// each chunk holds the chunk's.
    case ghost(size: Int, positions: Int, channels: Int, epsilon: Float)
    /// Across the whole batch: each channel over all examples and positions, however the batch is cut. Moments are
    /// `[2, channels]`.
    case batch(positions: Int, channels: Int, epsilon: Float)

    var isGhost: Bool { if case .ghost = self { true } else { false } }
    var isWholeBatch: Bool { if case .batch = self { true } else { false } }

    var epsilon: Double {
        switch self {
        case .group(_, _, _, _, let epsilon), .ghost(_, _, _, let epsilon), .batch(_, _, let epsilon): Double(epsilon)
        }
    }

    /// The shape of the moments.
    var momentsShape: Shape {
        switch self {
        case .group(let lead, _, _, let groups, _): .batch([lead * groups, 2])
        case .ghost(_, _, let channels, _): .batch([2, channels])
        case .batch(_, let channels, _): .fixed([2, channels])
        }
    }
}

/// A set of numbers with a common mean and variance, and the places of these two among the moments.
struct NormalisationSet {
    var elements: [Int] = []
    var centre, scale: Int

    func mean(_ value: (Int) -> Double) -> Double {
        elements.reduce(0.0) { $0 + value($1) } / Double(elements.count)
    }
}

extension Normalisation {
    /// How many moments go with `count` numbers.
    func momentsCount(_ count: Int) -> Int {
        switch self {
        case .group(_, let positions, let channels, let groups, _): count / (positions * channels) * groups * 2
        case .ghost(_, let positions, let channels, _): count / (positions * channels) * 2 * channels
        case .batch(_, let channels, _): 2 * channels
        }
    }

    /// The sets that `count` numbers fall into.
    func sets(_ count: Int) -> [NormalisationSet] {
        var sets: [NormalisationSet] = []
        switch self {
        case .group(_, let positions, let channels, let groups, _):
            for row in 0..<count / (positions * channels) {
                for group in 0..<groups {
                    let place = (row * groups + group) * 2
                    var set = NormalisationSet(centre: place, scale: place + 1)
                    for position in 0..<positions {
                        for channel in 0..<channels where channel / (channels / groups) == group {
                            set.elements.append((row * positions + position) * channels + channel)
                        }
                    }
                    sets.append(set)
                }
            }
        case .batch(_, let channels, _):
            for channel in 0..<channels {
                var set = NormalisationSet(centre: channel, scale: channel + channels)
                set.elements = Array(stride(from: channel, to: count, by: channels))
                sets.append(set)
            }
        case .ghost(let size, let positions, let channels, _):
            for chunk in Self.chunks(count / (positions * channels), size: size) {
                for channel in 0..<channels {
                    let place = chunk.lowerBound * 2 * channels + channel
                    var set = NormalisationSet(centre: place, scale: place + channels)
                    for pixel in chunk.lowerBound * positions..<chunk.upperBound * positions {
                        set.elements.append(pixel * channels + channel)
                    }
                    sets.append(set)
                }
            }
        }
        return sets
    }

    /// Runs of `size` consecutive examples; the last may be shorter.
    static func chunks(_ rows: Int, size: Int) -> [Range<Int>] {
        var chunks: [Range<Int>] = []
        var first = 0
        while first < rows {
            let count = min(size, rows - first)
            chunks.append(first..<first + count)
            first += count
        }
        return chunks
    }
}
