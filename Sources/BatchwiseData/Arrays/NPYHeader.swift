import Batchwise

/// The header of an NPY file: a Python dictionary of exactly `descr`, `fortran_order` and `shape`.
struct NPYHeader: Equatable {
    var descr: String
    var fortranOrder: Bool
    var shape: [Int]

    /// Parses the literal; nil text means that it is not such a dictionary. Nothing of it is executed.
    init?(_ text: [UInt8]) {
        var parser = Parser(text: text)
        var descr: String?
        var fortranOrder: Bool?
        var shape: [Int]?
        guard parser.take("{") else { return nil }
        while !parser.take("}") {
            guard let key = parser.string(), parser.take(":") else { return nil }
            switch key {
            case "descr" where descr == nil:
                guard let value = parser.string() else { return nil }
                descr = value
            case "fortran_order" where fortranOrder == nil:
                guard let value = parser.boolean() else { return nil }
                fortranOrder = value
            case "shape" where shape == nil:
                guard let value = parser.tuple() else { return nil }
                shape = value
            default: return nil
            }
            if !parser.take(",") {
                guard parser.take("}") else { return nil }
                break
            }
        }
        guard parser.isAtEnd(), let descr, let fortranOrder, let shape else { return nil }
        self.descr = descr
        self.fortranOrder = fortranOrder
        self.shape = shape
    }
}

/// A parser of the few literals of Python that a header may hold.
private struct Parser {
    let text: [UInt8]
    var position = 0

    mutating func skipSpace() {
        while position < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[position]) { position += 1 }
    }

    mutating func isAtEnd() -> Bool {
        skipSpace()
        return position == text.count
    }

    mutating func take(_ word: StaticString) -> Bool {
        skipSpace()
        let bytes = Array("\(word)".utf8)
        guard text[position...].starts(with: bytes) else { return false }
        position += bytes.count
        return true
    }

    mutating func string() -> String? {
        skipSpace()
        guard position < text.count, text[position] == 0x27 || text[position] == 0x22 else { return nil }
        let start = position + 1
        guard let end = text[start...].firstIndex(of: text[position]) else { return nil }
        let body = text[start..<end]
        // numpy writes no escapes here.
        guard body.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != 0x5C }) else { return nil }
        position = end + 1
        return String(decoding: body, as: UTF8.self)
    }

    mutating func boolean() -> Bool? {
        if take("True") { return true }
        return take("False") ? false : nil
    }

    mutating func integer() -> Int? {
        skipSpace()
        let digits = text[position...].prefix { $0 >= 0x30 && $0 <= 0x39 }
        guard !digits.isEmpty, let value = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
        position = digits.endIndex
        // Python 2 wrote long integers with an L.
        if position < text.count, text[position] == 0x4C { position += 1 }
        return value
    }

    mutating func tuple() -> [Int]? {
        guard take("(") else { return nil }
        var values: [Int] = []
        while !take(")") {
            // numpy itself has at most 64 dimensions.
            guard values.count < 64, let value = integer() else { return nil }
            values.append(value)
            if !take(",") {
                guard values.count > 1, take(")") else { return nil }
                break
            }
        }
        return values
    }
}
