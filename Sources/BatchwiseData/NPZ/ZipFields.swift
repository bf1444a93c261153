import Batchwise

/// The little-endian numbers in the headers of a zip archive.
struct ZipFields {
    let bytes: [UInt8]

    /// The 2, 4 or 8 bytes at an offset, which must be there.
    func number(at offset: Int, bytes count: Int) -> Int {
        let value = bytes[offset..<(offset + count)].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        // larger numbers become 2^60: no file is so long, and sums of such numbers do not overflow
        return Int(min(value, 1 << 60))
    }

    /// Whether a header of this length begins at the offset with `PK` and these two bytes.
    func hasHeader(_ kind: (UInt8, UInt8), at offset: Int, length: Int) -> Bool {
        offset >= 0 && offset + length <= bytes.count
            && bytes[offset..<(offset + 4)].elementsEqual([0x50, 0x4B, kind.0, kind.1])
    }

    /// The numbers of the zip64 field among the extra fields in this range; empty where there is none, nil where the
    /// fields do not fill the range.
    func zip64(in range: Range<Int>) -> [Int]? {
        var at = range.lowerBound
        while at < range.upperBound {
            guard at + 4 <= range.upperBound else { return nil }
            let end = at + 4 + number(at: at + 2, bytes: 2)
            guard end <= range.upperBound else { return nil }
            if number(at: at, bytes: 2) == 1 {
                return stride(from: at + 4, through: end - 8, by: 8).map { number(at: $0, bytes: 8) }
            }
            at = end
        }
        return []
    }
}

extension InputFile {
    /// The fields at this place, which must lie in the file; nil where they do not.
    func zipFields(at offset: Int, count: Int) throws(DataError) -> ZipFields? {
        guard offset >= 0, count >= 0, offset <= length - count else { return nil }
        var bytes = [UInt8](repeating: 0, count: count)
        let found = try bytes.withUnsafeMutableBufferPointer { (buffer) throws(DataError) in
            try peek(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
        }
        return found == count ? ZipFields(bytes: bytes) : nil
    }
}
