import Batchwise

/// The different texts of a column of a CSV file, numbered in order of appearance.
struct CSVLevels {
    /// The cells as they are written. Cells with doubled quotes are kept apart, because they stand for another text.
    private var plain = LevelInterner()
    private var doubled = LevelInterner()
    /// The number of each cell's text, or -1 for a missing value.
    private var meanings: [Int32] = []
    private var meaningsOfDoubled: [Int32] = []
    /// For each text its place among the plain cells, and a line where it stands, for errors.
    private var places: [Int] = []
    private var lines: [UInt32] = []

    var count: Int { places.count }

    /// Bytes of all texts.
    var byteCount: Int { plain.byteCount + doubled.byteCount }

    /// The number of a cell's text, or -1 where none is given. Eight bytes behind the cell must be readable.
    @inline(__always)
    mutating func code(_ start: UnsafePointer<UInt8>, _ field: CSVScanner.Field) -> Int32 {
        let count = field.range.count
        guard !field.hasDoubledQuotes else { return codeOfDoubled(start, count, line: field.line) }
        let written = Int(plain.code(of: start, count: count))
        if written < meanings.count { return meanings[written] }
        let cell = UnsafeBufferPointer(start: start, count: count)
        return add(isMissing: CSVNumber.isMissing(cell, cell.indices), line: field.line)
    }

    /// The first line in which a text begins and ends with a single quote; nil where there is none.
    var lineOfSingleQuotes: Int? {
        let quote = UInt8(ascii: "'")
        return places.indices.filter { code in
            let text = plain.text(places[code])
            return text.count > 1 && text.first == quote && text.last == quote
        }.map { Int(lines[$0]) }.min()
    }

    /// Whether all texts stand in single quotes, of which there is one at least.
    var areInSingleQuotes: Bool {
        let quote = UInt8(ascii: "'")
        return !places.isEmpty
            && places.allSatisfy { place in
                let text = plain.text(place)
                return text.count > 1 && text.first == quote && text.last == quote
            }
    }

    private mutating func codeOfDoubled(_ start: UnsafePointer<UInt8>, _ count: Int, line: Int) -> Int32 {
        let written = Int(doubled.code(of: start, count: count))
        if written < meaningsOfDoubled.count { return meaningsOfDoubled[written] }
        let text = CSVScanner.undoubled(UnsafeBufferPointer(start: start, count: count))
        let place = Int(plain.code(of: text + [UInt8](repeating: 0, count: 8), count: text.count))
        let meaning = place < meanings.count ? meanings[place] : add(isMissing: false, line: line)
        meaningsOfDoubled.append(meaning)
        return meaning
    }

    /// Gives a number to the plain cell that has just been met for the first time.
    private mutating func add(isMissing: Bool, line: Int) -> Int32 {
        let meaning = isMissing ? -1 : Int32(places.count)
        if !isMissing {
            places.append(meanings.count)
            lines.append(UInt32(clamping: line))
        }
        meanings.append(meaning)
        return meaning
    }

    /// The texts in the order of their bytes; codes, -1 for none, become their places in that order.
    func sort(_ codes: inout [Int32], path: String) throws(DataError) -> [String] {
        try plain.sort(&codes, places) { .notText(file: path, line: Int(lines[$0]), detail: "not UTF-8") }
    }

    /// The texts in the order of their numbers.
    func texts(path: String) throws(DataError) -> [String] {
        var texts: [String] = []
        for (code, place) in places.enumerated() {
            guard let text = String(validating: plain.text(place), as: UTF8.self) else {
                throw .notText(file: path, line: Int(lines[code]), detail: "not UTF-8")
            }
            texts.append(text)
        }
        return texts
    }
}
