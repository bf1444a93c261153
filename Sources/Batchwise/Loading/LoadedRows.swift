import CKernels

/// The features of a batch in memory of their own, in the order of the batch.
final class LoadedRows: @unchecked Sendable {
    /// The source of the features: a data set and its augmentation.
    struct Source: Sendable {
        let data: Dataset
        let augmentation: Augmentation
        let seed: UInt64

        /// Whether batches are loaded: the features are not in memory as they are.
        var isLoaded: Bool {
            if case .streamed = data.features { true } else { !augmentation.steps.isEmpty }
        }

        /// Bytes of an example once it is loaded.
        var byteCount: Int { streamedBytes == nil ? 4 * data.featureCount : data.featureCount }

        /// Features that stay bytes: augmented ones are floats.
        var streamedBytes: (features: StreamedFeatures, scale: Float, shift: Float)? {
            guard augmentation.steps.isEmpty, case .streamed(let features) = data.features,
                case .bytes(let scale, let shift) = features.element
            else { return nil }
            return (features, scale, shift)
        }
    }

    /// The features as kernels read them, each example at its place in the batch.
    let rows: UnsafeMutablePointer<bw_rows>
    /// The places 0, 1, 2 and so on.
    let places: UnsafeMutablePointer<UInt64>
    /// The largest magnitude of a feature.
    var largest: Float = 0
    /// For batches that are mixed: the example that each place is mixed with, and the part of the place's own example.
    private(set) var mixture: (others: UnsafeMutablePointer<UInt64>, parts: UnsafeMutablePointer<Float>)?
    private let memory: Memory
    private let bytes: UnsafeMutableRawPointer
    private let capacity: Int

    init(_ source: Source, capacity: Int) throws(PlanError) {
        self.capacity = capacity
        memory = try Memory(floats: Self.floats(source, capacity))
        bytes = UnsafeMutableRawPointer(memory.base)
        rows = .allocate(capacity: 1)
        places = .allocate(capacity: capacity)
        for place in 0..<capacity { (places + place).initialize(to: UInt64(place)) }
        if source.augmentation.mixup != nil {
            let (others, parts) = (
                UnsafeMutablePointer<UInt64>.allocate(capacity: capacity),
                UnsafeMutablePointer<Float>.allocate(capacity: capacity)
            )
            others.initialize(repeating: 0, count: capacity)
            parts.initialize(repeating: 1, count: capacity)
            mixture = (others, parts)
        }
        let element = source.streamedBytes
        rows.initialize(
            to: bw_rows(
                kind: element == nil ? BW_FLOATS : BW_BYTES, width: source.data.featureCount, floats: memory.base,
                bytes: bytes.assumingMemoryBound(to: UInt8.self), scale: element?.scale ?? 1,
                shift: element?.shift ?? 0, starts: nil, columns: nil))
    }

    private static func floats(_ source: Source, _ capacity: Int) -> Int { (capacity * source.byteCount + 3) / 4 }

    /// The bytes that so many rows take: features, places and, for batches that are mixed, the other example and the
    /// part.
    static func byteCount(_ source: Source, capacity: Int) -> Int {
        let place = source.augmentation.mixup == nil ? 8 : 8 + 8 + 4
        return Memory.byteCount(floats: floats(source, capacity)) + capacity * place
    }

    deinit {
        rows.deallocate()
        places.deallocate()
        mixture?.others.deallocate()
        mixture?.parts.deallocate()
    }

    /// Fills some places with the examples at these positions of an epoch, and returns the largest magnitude.
    func fill(
        _ part: Range<Int>, from source: Source, order: EpochOrder, positions: Range<Int>
    ) throws(DataError) -> Float {
        let examples = UnsafeMutablePointer<UInt64>.allocate(capacity: part.count)
        defer { examples.deallocate() }
        order.fill(examples, positions: positions)
        return try fill(part, from: source, epoch: order.epoch, examples: (0..<part.count).map { Int(examples[$0]) })
    }

    /// Asks for the rows of a group of blocks to be read ahead, where these positions of an epoch begin one.
    static func readAhead(_ source: Source, order: EpochOrder, positions: Range<Int>) {
        guard case .streamed(let features) = source.data.features, order.beginsGroup(positions) else { return }
        features.willRead(order.upcomingRuns(after: positions.upperBound - 1))
    }

    /// Fills some places with these examples.
    func fill(
        _ part: Range<Int>, from source: Source, epoch: Int, examples: [Int]
    ) throws(DataError) -> Float {
        let width = source.data.featureCount
        if let (features, scale, shift) = source.streamedBytes {
            let start = bytes + part.lowerBound * width
            try features.fill(UnsafeMutableRawBufferPointer(start: start, count: part.count * width), rows: examples)
            return max(abs(shift), abs(255 * scale + shift))
        }
        let floats = memory.base + part.lowerBound * width
        try source.data.fill(UnsafeMutableBufferPointer(start: floats, count: part.count * width), rows: examples)
        if source.augmentation.changesImages, let images = PixelGrid(source.data) {
            let scratch = UnsafeMutablePointer<Float>.allocate(capacity: width)
            defer { scratch.deallocate() }
            for (place, example) in examples.enumerated() {
                let random = CounterRandom(
                    seed: source.seed, purpose: .augmentation, epoch: epoch, example: example)
                source.augmentation.apply(to: floats + place * width, images, random, scratch: scratch)
            }
        }
        let largest = bw_largest_magnitude(floats, part.count * width)
        guard largest.isFinite else {
            let bad = (0..<part.count * width).first { !floats[$0].isFinite } ?? 0
            throw .nonFinite(in: "features", row: examples[bad / width], found: "\(floats[bad])")
        }
        return largest
    }

    /// Mixes all examples of a batch in pairs from both ends. None of them may have been mixed before.
    func mix(_ positions: Range<Int>, from source: Source, order: EpochOrder) {
        guard let mixture, let alpha = source.augmentation.mixup else { return }
        let count = positions.count
        order.fill(mixture.others, positions: positions)
        for place in 0..<count {
            let random = CounterRandom(
                seed: source.seed, purpose: .mixing, epoch: order.epoch, example: Int(mixture.others[place]))
            mixture.parts[place] = Float(random.beta(alpha))
        }
        let width = source.data.featureCount
        for place in 0..<count / 2 {
            let last = count - 1 - place
            swap(&mixture.others[place], &mixture.others[last])
            let (first, second) = (memory.base + place * width, memory.base + last * width)
            let (own, other) = (mixture.parts[place], mixture.parts[last])
            for feature in 0..<width {
                let (x, y) = (first[feature], second[feature])
                first[feature] = own * x + (1 - own) * y
                second[feature] = other * y + (1 - other) * x
            }
        }
    }
}
