import Batchwise

/// Numbers the different texts of a column in order of appearance, without making a string of every cell.
struct LevelInterner {
    private struct Slot {
        var hash: UInt32 = 0
        /// The number of a text, or -1.
        var code: Int32 = -1
        /// The place of the text.
        var start = 0
        var count = 0
    }

    /// The texts one after the other, each with eight zeros behind it, and the place of each.
    private var texts: [UInt8] = []
    private var places: [Range<Int>] = []
    /// Open addressing; the size is a power of two.
    private var slots = Self.noSlots
    /// The empty table, shared by all columns of numbers, because a file may have many.
    private static let noSlots = [Slot](repeating: Slot(), count: 4)

    var count: Int { places.count }
    /// Bytes of all texts.
    var byteCount: Int { texts.count }

    /// The number of this text; the next number when it is new. Eight bytes behind the text must be readable.
    @inline(__always)
    mutating func code(of text: UnsafePointer<UInt8>, count: Int) -> Int32 {
        let hash = Self.hash(text, count)
        let found = slots.withUnsafeBufferPointer { slots in
            texts.withUnsafeBufferPointer { texts in
                var place = Int(hash) & (slots.count &- 1)
                while true {
                    let slot = slots[place]
                    if slot.code < 0 { return slot.code }
                    if slot.hash == hash, slot.count == count, Self.equal(texts.baseAddress! + slot.start, text, count)
                    {
                        return slot.code
                    }
                    place = (place &+ 1) & (slots.count &- 1)
                }
            }
        }
        return found >= 0 ? found : add(text, count, hash)
    }

    private mutating func add(_ text: UnsafePointer<UInt8>, _ count: Int, _ hash: UInt32) -> Int32 {
        let code = Int32(places.count)
        insert(Slot(hash: hash, code: code, start: texts.count, count: count))
        places.append(texts.count..<texts.count + count)
        texts.append(contentsOf: UnsafeBufferPointer(start: text, count: count))
        texts.append(contentsOf: repeatElement(0, count: 8))
        if 2 * places.count > slots.count {
            let old = slots
            slots = [Slot](repeating: Slot(), count: 2 * old.count)
            for slot in old where slot.code >= 0 { insert(slot) }
        }
        return code
    }

    private mutating func insert(_ slot: Slot) {
        var place = Int(slot.hash) & (slots.count - 1)
        while slots[place].code >= 0 { place = (place + 1) & (slots.count - 1) }
        slots[place] = slot
    }

    /// The bytes of a text.
    func text(_ code: Int) -> ArraySlice<UInt8> { texts[places[code]] }

    /// The texts in the order of their bytes; codes, -1 for none, become their places in that order.
    ///
    /// - Parameters:
    ///   - places: the number of each code's text; nil where they are the same.
    ///   - notText: the error for the text of a code that is not UTF-8.
    func sort(
        _ codes: inout [Int32], _ places: [Int]? = nil, notText: (_ code: Int) -> DataError
    ) throws(DataError) -> [String] {
        let places = places ?? Array(0..<count)
        let order = places.indices.sorted { text(places[$0]).lexicographicallyPrecedes(text(places[$1])) }
        var levels: [String] = []
        var rank = [Int32](repeating: 0, count: places.count)
        for code in order {
            guard let level = String(validating: text(places[code]), as: UTF8.self) else { throw notText(code) }
            rank[code] = Int32(levels.count)
            levels.append(level)
        }
        for row in codes.indices where codes[row] >= 0 { codes[row] = rank[Int(codes[row])] }
        return levels
    }

    /// Up to 32 bytes are two pairs of words that overlap: most texts need no loop, whose end no processor foresees.
    @inline(__always)
    private static func equal(_ one: UnsafePointer<UInt8>, _ other: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        func differ(_ at: Int) -> UInt64 { ByteWord(one + at).bits ^ ByteWord(other + at).bits }
        if count <= 8 {
            return count == 8 ? differ(0) == 0 : ByteWord(one).first(count) == ByteWord(other).first(count)
        }
        if count <= 16 { return differ(0) | differ(count &- 8) == 0 }
        if count <= 32 { return differ(0) | differ(8) | differ(count &- 16) | differ(count &- 8) == 0 }
        var at = 0
        while at &+ 8 <= count {
            if differ(at) != 0 { return false }
            at &+= 8
        }
        return differ(count &- 8) == 0
    }

    @inline(__always)
    private static func hash(_ text: UnsafePointer<UInt8>, _ count: Int) -> UInt32 {
        let odd: UInt64 = 0x9E37_79B9_7F4A_7C15
        let other: UInt64 = 0xBF58_476D_1CE4_E5B9
        func word(_ at: Int) -> UInt64 { ByteWord(text + at).bits }
        var hash = UInt64(truncatingIfNeeded: count) &* odd
        if count < 8 {
            hash ^= ByteWord(text).first(count)
        } else if count <= 16 {
            hash ^= word(0) &+ (word(count &- 8) &* other)
            hash ^= hash &>> 32
        } else {
            var at = 0
            while at &+ 16 < count {
                hash = (hash ^ word(at)) &* odd &+ word(at &+ 8) &* other
                hash ^= hash &>> 32
                at &+= 16
            }
            hash = (hash ^ word(count &- 16)) &* odd &+ word(count &- 8) &* other
            hash ^= hash &>> 32
        }
        hash = hash &* odd
        return UInt32(truncatingIfNeeded: ((hash ^ (hash &>> 29)) &* odd) &>> 32)
    }
}
