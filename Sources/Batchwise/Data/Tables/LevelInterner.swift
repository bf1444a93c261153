/// Numbers the different texts of a column in order of appearance, without making a string of every cell.
struct LevelInterner {
    private struct Slot {
        var hash: UInt32 = 0
        /// The number of a text, or -1.
        var code: Int32 = -1
    }

    /// The texts one after the other, each with eight zeros behind it, and where each lies.
    private var texts: [UInt8] = []
    private var places: [Range<Int>] = []
    /// Open addressing; the size is a power of two.
    private var slots: [Slot] = []

    var count: Int { places.count }
    /// Bytes of all texts.
    var byteCount: Int { texts.count }

    /// The number of this text; the next number when it is new. Eight bytes behind the text must be readable.
    mutating func code(of text: UnsafePointer<UInt8>, count: Int) -> Int32 {
        if slots.isEmpty { slots = [Slot](repeating: Slot(), count: 64) }
        let hash = Self.hash(text, count)
        var place = Int(hash) & (slots.count - 1)
        while true {
            let slot = slots[place]
            if slot.code < 0 { break }
            if slot.hash == hash, equals(places[Int(slot.code)], text, count) { return slot.code }
            place = (place + 1) & (slots.count - 1)
        }
        let code = Int32(places.count)
        slots[place] = Slot(hash: hash, code: code)
        places.append(texts.count..<texts.count + count)
        texts.append(contentsOf: UnsafeBufferPointer(start: text, count: count))
        texts.append(contentsOf: repeatElement(0, count: 8))
        if 2 * places.count > slots.count { grow() }
        return code
    }

    /// The bytes of a text.
    func text(_ code: Int) -> ArraySlice<UInt8> { texts[places[code]] }

    /// The texts in the order of their bytes, and what codes, -1 for none, become in that order.
    ///
    /// - Parameters:
    ///   - places: the number of each code's text; nil where they are the same.
    ///   - notText: the error for the text of a code that is not UTF-8.
    func sorted(
        _ codes: [Int32], _ places: [Int]? = nil, notText: (_ code: Int) -> DataError
    ) throws(DataError) -> Table.Values {
        let places = places ?? Array(0..<count)
        let order = places.indices.sorted { text(places[$0]).lexicographicallyPrecedes(text(places[$1])) }
        var levels: [String] = []
        var rank = [Int32](repeating: 0, count: places.count)
        for code in order {
            guard let level = String(validating: text(places[code]), as: UTF8.self) else { throw notText(code) }
            rank[code] = Int32(levels.count)
            levels.append(level)
        }
        return .categorical(codes: codes.map { $0 < 0 ? -1 : rank[Int($0)] }, levels: levels)
    }

    private func equals(_ place: Range<Int>, _ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        guard place.count == count else { return false }
        return texts.withUnsafeBufferPointer { texts in
            guard let start = texts.baseAddress.map({ $0 + place.lowerBound }) else { return true }
            var at = 0
            while at + 8 <= count {
                if ByteWord(start + at).bits != ByteWord(text + at).bits { return false }
                at += 8
            }
            return ByteWord(start + at).first(count - at) == ByteWord(text + at).first(count - at)
        }
    }

    private static func hash(_ text: UnsafePointer<UInt8>, _ count: Int) -> UInt32 {
        let odd: UInt64 = 0x9E37_79B9_7F4A_7C15
        var hash = UInt64(count) &* odd
        var at = 0
        while at + 8 <= count {
            hash = (hash ^ ByteWord(text + at).bits) &* odd
            hash ^= hash &>> 32
            at += 8
        }
        hash = (hash ^ ByteWord(text + at).first(count - at)) &* odd
        return UInt32(truncatingIfNeeded: ((hash ^ (hash &>> 29)) &* odd) &>> 32)
    }

    private mutating func grow() {
        let old = slots
        slots = [Slot](repeating: Slot(), count: 2 * old.count)
        for slot in old where slot.code >= 0 {
            var place = Int(slot.hash) & (slots.count - 1)
            while slots[place].code >= 0 { place = (place + 1) & (slots.count - 1) }
            slots[place] = slot
        }
    }
}
