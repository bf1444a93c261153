/// A place among the bytes of a cell, for readers of numbers and dates.
struct CellCursor {
    let bytes: UnsafeBufferPointer<UInt8>
    var at: Int
    var end: Int

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        at = 0
        end = bytes.count
    }

    var isAtEnd: Bool { at >= end }

    var next: UInt8? { at < end ? bytes[at] : nil }

    var nextIsDigit: Bool { at < end && bytes[at] &- 48 < 10 }

    /// Passes these bytes where they are next.
    mutating func passes(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard at + count <= end else { return false }
        for place in 0..<count where bytes[at + place] != text.utf8Start[place] { return false }
        at += count
        return true
    }

    /// Passes a blank: a space, a no-break, thin or figure space.
    mutating func passesBlank() -> Bool {
        guard at < end else { return false }
        switch bytes[at] {
        case 0x20, 0x09:
            at += 1
            return true
        case 0xC2: return passes("\u{A0}")
        case 0xE2: return passes("\u{202F}") || passes("\u{2009}") || passes("\u{2007}")
        default: return false
        }
    }

    mutating func passBlanks() { while passesBlank() {} }

    /// Leaves blanks at the end out.
    mutating func trimEnd() {
        while at < end {
            if bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 {
                end -= 1
                continue
            }
            guard
                let length = [2, 3].first(where: { (count: Int) -> Bool in
                    guard end - count >= at else { return false }
                    var tail = self
                    tail.at = end - count
                    return tail.bytes[tail.at] >= 0xC2 && tail.passesBlank() && tail.at == end
                })
            else { return }
            end -= length
        }
    }

    /// The digits that are next, and their value, which stays below 10^9.
    mutating func digits(atMost most: Int = 9) -> (count: Int, value: Int) {
        var (count, value) = (0, 0)
        while count < most, nextIsDigit {
            value = 10 * value + Int(bytes[at] - 48)
            count += 1
            at += 1
        }
        return (count, value)
    }

    /// A word of ASCII letters and of letters beyond ASCII.
    mutating func word() -> Range<Int> {
        let first = at
        while at < end,
            bytes[at] | 0x20 >= 0x61 && bytes[at] | 0x20 <= 0x7A || bytes[at] >= 0xC3 && bytes[at] < 0xE0
                || bytes[at] >= 0x80 && bytes[at] < 0xC0 && at > first
        { at += 1 }
        return first..<at
    }
}
