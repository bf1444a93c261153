import Batchwise

/// The different texts of a column, numbered in order of appearance.
struct ParquetTexts {
    private var interner = LevelInterner()
    /// The text of each number that has become one.
    private var known: [Int64: Int32] = [:]

    /// The number of a whole number's text.
    mutating func code(of value: Int64, _ meaning: ParquetMeaning) -> Int32 {
        if let code = known[value] { return code }
        let code = code(of: meaning.text(value))
        known[value] = code
        return code
    }

    /// The number of a number's text; -1 for NaN, which is no value.
    mutating func code(of number: Double, _ meaning: ParquetMeaning) -> Int32 {
        number.isNaN ? -1 : code(of: meaning.text(number))
    }

    /// The numbers of texts; -1 for texts of no characters, which are no values in any table.
    mutating func codes(of slices: ParquetSlices, _ meaning: ParquetMeaning) -> [Int32] {
        var codes: [Int32] = []
        codes.reserveCapacity(slices.places.count)
        switch meaning {
        case .uuid: for place in slices.places { codes.append(code(of: Self.uuid(slices.storage[place]))) }
        case .decimal(let scale):
            for place in slices.places {
                codes.append(code(of: ParquetDecimal.text(slices.storage[place], scale: scale) ?? ""))
            }
        default:
            slices.storage.withUnsafeBufferPointer { storage in
                for place in slices.places {
                    codes.append(
                        place.isEmpty
                            ? -1 : interner.code(of: storage.baseAddress! + place.lowerBound, count: place.count))
                }
            }
        }
        return codes
    }

    /// The texts in the order of their bytes; codes become their places in that order.
    func sort(_ codes: inout [Int32]) throws(ParquetFault) -> [String] {
        var failed = -1
        do throws(DataError) {
            return try interner.sort(&codes) { code in
                failed = code
                // this error only ends the sorting
                return .noExamples
            }
        } catch {
            let row = codes.firstIndex { Int($0) == failed } ?? 0
            throw .cell(row: row, "bytes that are no UTF-8 text; leave the column out with data.ignore")
        }
    }

    /// The numbers, or the dates, that texts stand for.
    static func numbers(_ codes: [Int32], _ levels: [String], _ kind: Table.Kind) throws(ParquetFault) -> [Double] {
        var values: [Double?] = []
        for level in levels {
            let bytes = Array(level.utf8)
            bytes.withUnsafeBufferPointer { bytes in
                let isMissing = CSVNumber.isMissing(bytes, bytes.indices)
                let value =
                    kind == .date
                    ? CSVDate.parse(bytes, bytes.indices) : CSVNumber.parse(bytes, bytes.indices)
                values.append(isMissing ? .nan : value)
            }
        }
        var numbers: [Double] = []
        numbers.reserveCapacity(codes.count)
        for (row, code) in codes.enumerated() {
            guard code >= 0 else {
                numbers.append(.nan)
                continue
            }
            guard let number = values[Int(code)], !number.isInfinite else {
                let text = escaped(levels[Int(code)], limit: 60)
                throw .cell(row: row, "a \(kind == .date ? "date" : "number") expected, \"\(text)\" found")
            }
            numbers.append(number)
        }
        return numbers
    }

    private mutating func code(of text: String) -> Int32 {
        if text.isEmpty { return -1 }
        // the text is followed by the zeros that must be readable behind it
        let bytes = Array(text.utf8) + [UInt8](repeating: 0, count: 8)
        return interner.code(of: bytes, count: bytes.count - 8)
    }

    private static func uuid(_ bytes: ArraySlice<UInt8>) -> String {
        var text = ""
        for (place, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(place) { text += "-" }
            text += byte < 16 ? "0" + String(byte, radix: 16) : String(byte, radix: 16)
        }
        return text
    }
}
