import Batchwise

/// The place of a zip archive's list of members, as the record at its end gives it.
struct ZipDirectory {
    /// The list's place in the file.
    let range: Range<Int>
    let memberCount: Int

    private static let endLength = 22

    /// Finds the record, plain or zip64, and makes sure that the list lies before it.
    init(of file: InputFile) throws(DataError) {
        // A comment of at most 65,535 bytes may follow the record.
        let tailLength = min(file.length, Self.endLength + 0xFFFF)
        let tailStart = file.length - tailLength
        guard let tail = try file.zipFields(at: tailStart, count: tailLength),
            let at = stride(from: tailLength - Self.endLength, through: 0, by: -1).first(where: {
                tail.hasHeader((5, 6), at: $0, length: Self.endLength)
                    && tail.number(at: $0 + 20, bytes: 2) == tailLength - $0 - Self.endLength
            })
        else { throw .corruptFile(file: file.path, format: "zip", detail: "it has no list of members at its end") }
        var end = tailStart + at
        let disks = [4, 6].map { tail.number(at: at + $0, bytes: 2) }
        var counts = [8, 10].map { tail.number(at: at + $0, bytes: 2) }
        var (length, start) = (tail.number(at: at + 12, bytes: 4), tail.number(at: at + 16, bytes: 4))
        if counts.contains(0xFFFF) || length == 0xFFFF_FFFF || start == 0xFFFF_FFFF {
            guard let locator = try file.zipFields(at: end - 20, count: 20),
                locator.hasHeader((6, 7), at: 0, length: 20),
                let record = try file.zipFields(at: locator.number(at: 8, bytes: 8), count: 56),
                record.hasHeader((6, 6), at: 0, length: 56), record.number(at: 16, bytes: 8) == 0
            else { throw .corruptFile(file: file.path, format: "zip", detail: "its zip64 record is not there") }
            end = locator.number(at: 8, bytes: 8)
            counts = [24, 32].map { record.number(at: $0, bytes: 8) }
            (length, start) = (record.number(at: 40, bytes: 8), record.number(at: 48, bytes: 8))
        }
        guard disks == [0, 0], counts[0] == counts[1] else {
            throw .unsupported(file: file.path, detail: "is one part of a split archive; put it together first")
        }
        guard start + length <= end else {
            throw .corruptFile(file: file.path, format: "zip", detail: "its list of members lies outside of it")
        }
        range = start..<(start + length)
        memberCount = counts[0]
    }
}
