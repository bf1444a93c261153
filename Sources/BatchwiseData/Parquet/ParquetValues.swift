import Batchwise

/// The values of a page, without those that are missing.
enum ParquetValues {
    case integers([Int64])
    /// Floats; moments of Spark's kind in seconds since 1970.
    case numbers([Double])
    /// Texts and long decimals.
    case slices(ParquetSlices)
}

/// Pieces of memory. At least sixteen bytes lie behind each.
struct ParquetSlices {
    let storage: [UInt8]
    var places: [Range<Int>] = []
}

/// The encodings of values, by their numbers in the format.
enum ParquetEncoding: Int {
    case plain = 0
    case plainDictionary = 2
    case runLengths = 3
    case deltas = 5
    case deltaLengths = 6
    case deltaTexts = 7
    case dictionary = 8
    case splitBytes = 9

    init(number: Int) throws(ParquetFault) {
        guard let encoding = Self(rawValue: number) else {
            throw .unsupported("has the encoding \(number), which is not read here; write it again with PyArrow")
        }
        self = encoding
    }
}

extension ParquetSchema.Field {
    /// Reads the values of a page that are not places in a dictionary.
    func values(
        _ page: ParquetBytes, _ encoding: ParquetEncoding, count: Int, room: inout Int
    ) throws(ParquetFault) -> ParquetValues {
        var bytes = page
        switch (encoding, physical) {
        case (.plain, _), (.plainDictionary, _): return try plain(&bytes, count)
        case (.runLengths, .boolean):
            let size = try bytes.length()
            var runs = bytes.part(try bytes.take(size))
            return .integers(try RunLengths.decode(&runs, width: 1, count: count).map { Int64($0) })
        case (.deltas, .int32), (.deltas, .int64):
            let values = try DeltaEncodings.integers(&bytes, limit: count)
            guard values.count == count else { throw .damaged("\(values.count) values of \(count)") }
            // differences of 32 bits wrap around within them
            return .integers(physical == .int64 ? values : values.map { own(Int32(truncatingIfNeeded: $0)) })
        case (.deltaLengths, .byteArray): return .slices(try DeltaEncodings.texts(&bytes, count: count))
        case (.deltaTexts, .byteArray), (.deltaTexts, .fixedBytes):
            let slices = try DeltaEncodings.sharedTexts(&bytes, count: count, room: &room)
            guard physical == .byteArray || slices.places.allSatisfy({ $0.count == length }) else {
                throw .damaged("values of other lengths than \(length)")
            }
            return meaning == .half ? halves(slices) : .slices(slices)
        case (.splitBytes, .float), (.splitBytes, .double), (.splitBytes, .int32), (.splitBytes, .int64),
            (.splitBytes, .fixedBytes):
            var joined = try joined(&bytes, count)
            return try plain(&joined, count)
        default: throw .damaged("the encoding \(encoding.rawValue) does not fit the type")
        }
    }

    private func plain(_ bytes: inout ParquetBytes, _ count: Int) throws(ParquetFault) -> ParquetValues {
        switch physical {
        case .boolean:
            let start = try bytes.take((count + 7) / 8).lowerBound
            return .integers((0..<count).map { Int64(bytes.storage[start + $0 >> 3] >> UInt8($0 & 7) & 1) })
        case .int32: return .integers(try array(&bytes, count) { own(Int32(littleEndian: $0)) })
        case .int64: return .integers(try array(&bytes, count) { Int64(littleEndian: $0) })
        case .float:
            return .numbers(try array(&bytes, count) { Double(Float(bitPattern: UInt32(littleEndian: $0))) })
        case .double: return .numbers(try array(&bytes, count) { Double(bitPattern: UInt64(littleEndian: $0)) })
        case .int96:
            let start = try bytes.take(try size(count, 12)).lowerBound
            return .numbers((0..<count).map { Self.moment(bytes, start + 12 * $0) })
        case .byteArray:
            var slices = ParquetSlices(storage: bytes.storage)
            slices.places.reserveCapacity(min(count, bytes.count / 4))
            for _ in 0..<count {
                let length = try bytes.length()
                slices.places.append(try bytes.take(length))
            }
            return .slices(slices)
        case .fixedBytes:
            let start = try bytes.take(try size(count, length)).lowerBound
            let places = (0..<count).map { start + length * $0..<start + length * ($0 + 1) }
            let slices = ParquetSlices(storage: bytes.storage, places: places)
            return meaning == .half ? halves(slices) : .slices(slices)
        }
    }

    private func array<Raw: BitwiseCopyable, Value>(
        _ bytes: inout ParquetBytes, _ count: Int, _ value: (Raw) -> Value
    ) throws(ParquetFault) -> [Value] {
        let width = MemoryLayout<Raw>.size
        let start = try bytes.take(try size(count, width)).lowerBound
        return bytes.storage.withUnsafeBytes { storage in
            [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
                for index in 0..<count {
                    let raw = storage.loadUnaligned(fromByteOffset: start &+ width &* index, as: Raw.self)
                    buffer.initializeElement(at: index, to: value(raw))
                }
                initialized = count
            }
        }
    }

    private func size(_ count: Int, _ width: Int) throws(ParquetFault) -> Int {
        let (size, overflow) = count.multipliedReportingOverflow(by: width)
        guard !overflow, width > 0 else { throw .damaged("\(count) values of \(width) bytes") }
        return size
    }

    @inline(__always)
    private func own(_ value: Int32) -> Int64 {
        meaning == .unsigned ? Int64(UInt32(bitPattern: value)) : Int64(value)
    }

    /// The bytes of BYTE_STREAM_SPLIT, which holds the first bytes of all values, then the second, and so on.
    private func joined(_ bytes: inout ParquetBytes, _ count: Int) throws(ParquetFault) -> ParquetBytes {
        let width = physical == .fixedBytes ? length : physical == .float || physical == .int32 ? 4 : 8
        let size = try size(count, width)
        let start = try bytes.take(size).lowerBound
        var joined = [UInt8](repeating: 0, count: size + ParquetBytes.padding)
        for stream in 0..<width {
            for index in 0..<count {
                joined[index &* width &+ stream] = bytes.storage[start &+ stream &* count &+ index]
            }
        }
        return ParquetBytes(joined, 0..<size)
    }

    private func halves(_ slices: ParquetSlices) -> ParquetValues {
        .numbers(
            slices.places.map { place in
                let low = UInt16(slices.storage[place.lowerBound])
                return HalfNumber.double(low | UInt16(slices.storage[place.lowerBound + 1]) << 8)
            })
    }

    /// Nanoseconds of a day, and the day by its Julian number.
    private static func moment(_ bytes: ParquetBytes, _ place: Int) -> Double {
        let nanoseconds = Int64(bitPattern: bytes.word(at: place))
        let day = Int64(UInt32(truncatingIfNeeded: bytes.word(at: place + 8))) - 2_440_588
        let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return Double(86_400 * day + whole) + Double(rest) / 1e9
    }
}
