import Batchwise

/// The texts that the cells of a workbook share, one after the other.
struct SharedStrings {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    /// An item takes memory though it may be empty.
    private static let most = 1 << 26

    init() {}

    init(_ archive: WorkbookArchive, _ member: String) throws(DataError) {
        var scanner = try archive.scanner(member)
        while let event = try scanner.next() {
            guard case .start("si", _) = event else { continue }
            // readings of Asian characters are no part of the text
            bytes += try scanner.text(of: "t", without: "rPh")
            guard ends.count < Self.most else { throw archive.corrupt("it has too many texts") }
            ends.append(bytes.count)
        }
    }

    func text(_ place: Int) -> ArraySlice<UInt8>? {
        guard ends.indices.contains(place) else { return nil }
        return bytes[(place == 0 ? 0 : ends[place - 1])..<ends[place]]
    }
}
