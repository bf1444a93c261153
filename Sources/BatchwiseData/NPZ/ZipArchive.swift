import Batchwise
import Foundations

/// The members of a zip archive, checked against each other and against the file when it is opened.
///
/// Members are stored or deflated, with zip64 or without. A member that is encrypted, overlaps another, lies outside of
/// the file, has two names, or disagrees with its own header is refused. See APPNOTE.TXT 6.3 of PKWARE.
struct ZipArchive {
    /// A member as the directory lists it; its own header must agree.
    struct Entry {
        let name: String
        let isDeflated: Bool
        let packedSize: Int
        let size: Int
        let checksum: Int
        /// The place where the member's own header begins.
        let header: Int
        /// The range of the member's packed bytes.
        fileprivate(set) var data: Range<Int>
    }

    /// More members than this are no arrays of a data set.
    private static let mostMembers = 1 << 16
    /// Deflate packs zeros 1032:1; a member that is packed closer than this holds nothing but zeros or is made to fill
    /// memory.
    private static let largestRatio = 1000
    /// Members of at most this size are given room before their bytes have come.
    private static let smallSize = 1 << 20

    let file: InputFile
    private(set) var entries: [Entry] = []

    init(_ file: InputFile) throws(DataError) {
        self.file = file
        let directory = try ZipDirectory(of: file)
        guard directory.memberCount <= Self.mostMembers, directory.memberCount * 46 <= directory.range.count else {
            throw corrupt("it claims \(directory.memberCount) members")
        }
        guard let list = try file.zipFields(at: directory.range.lowerBound, count: directory.range.count) else {
            throw corrupt("its list of members lies outside of it")
        }
        var at = 0
        for _ in 0..<directory.memberCount { try entries.append(entry(in: list, at: &at)) }
        guard at == list.bytes.count else { throw corrupt("its list of members is not as long as it says") }
        var names: Set<String> = []
        for entry in entries where !names.insert(entry.name).inserted {
            throw corrupt("two members have the name \(entry.name)")
        }
        for index in entries.indices { entries[index].data = try place(of: entries[index], before: directory.range) }
        var end = 0
        for entry in entries.sorted(by: { $0.header < $1.header }) {
            guard entry.header >= end else { throw corrupt("\(entry.name) overlaps another member") }
            end = entry.data.upperBound
        }
    }

    /// The bytes of a member, unpacked as they are read.
    func source(_ entry: Entry, path: String) throws(DataError) -> ByteSource {
        let stream = try ZipMember(file, entry)
        return try ByteSource(
            path: path, stream: stream, packing: .none, bound: entry.size, expected: entry.size,
            packed: entry.isDeflated ? entry.packedSize : nil)
    }

    private func entry(in list: ZipFields, at position: inout Int) throws(DataError) -> Entry {
        let at = position
        guard list.hasHeader((1, 2), at: at, length: 46) else { throw corrupt("its list of members is torn") }
        let lengths = [28, 30, 32].map { list.number(at: at + $0, bytes: 2) }
        let nameEnd = at + 46 + lengths[0]
        let extraEnd = nameEnd + lengths[1]
        position = extraEnd + lengths[2]
        guard position <= list.bytes.count, let name = String(validating: list.bytes[at + 46..<nameEnd], as: UTF8.self)
        else { throw corrupt("its list of members is torn") }
        var sizes = [24, 20, 42].map { list.number(at: at + $0, bytes: 4) }
        if sizes.contains(0xFFFF_FFFF) {
            guard var long = list.zip64(in: nameEnd..<extraEnd) else { throw corrupt("the fields of \(name) are torn") }
            for index in sizes.indices where sizes[index] == 0xFFFF_FFFF {
                guard !long.isEmpty else { throw corrupt("\(name) has no zip64 sizes") }
                sizes[index] = long.removeFirst()
            }
        }
        let (flags, method) = (list.number(at: at + 8, bytes: 2), list.number(at: at + 10, bytes: 2))
        guard flags & 0x2041 == 0 else {
            throw .unsupported(file: file.path, detail: "is encrypted; save it without a password")
        }
        guard method == 0 || method == 8 else {
            throw .unsupported(
                file: file.path,
                detail: "packs \(escaped(name, limit: 60)) by method \(method), which is not read here; "
                    + "save it with numpy.savez or numpy.savez_compressed")
        }
        let (size, packedSize) = (sizes[0], sizes[1])
        guard method == 8 || size == packedSize else { throw corrupt("the sizes of \(name) disagree") }
        guard packedSize <= file.length, size <= max(Self.smallSize, packedSize * Self.largestRatio) else {
            throw .unsupported(
                file: file.path,
                detail:
                    "\(escaped(name, limit: 60)) claims \(size) bytes from \(packedSize), as files made to fill memory do; "
                    + "save it with numpy.savez")
        }
        return Entry(
            name: name, isDeflated: method == 8, packedSize: packedSize, size: size,
            checksum: list.number(at: at + 16, bytes: 4), header: sizes[2], data: 0..<0)
    }

    /// The range of a member's bytes, once its own header has been found to agree with the list.
    private func place(of entry: Entry, before directory: Range<Int>) throws(DataError) -> Range<Int> {
        guard let fixed = try file.zipFields(at: entry.header, count: 30), fixed.hasHeader((3, 4), at: 0, length: 30),
            case let nameLength = fixed.number(at: 26, bytes: 2), case let extra = fixed.number(at: 28, bytes: 2),
            let rest = try file.zipFields(at: entry.header + 30, count: nameLength + extra)
        else { throw corrupt("\(entry.name) is not where the list says") }
        guard rest.bytes[..<nameLength].elementsEqual(entry.name.utf8),
            fixed.number(at: 8, bytes: 2) == (entry.isDeflated ? 8 : 0), fixed.number(at: 6, bytes: 2) & 0x2041 == 0
        else { throw corrupt("\(entry.name) has another header than the list says") }
        var found = [14, 22, 18].map { fixed.number(at: $0, bytes: 4) }
        if found[1] == 0xFFFF_FFFF || found[2] == 0xFFFF_FFFF {
            guard let long = rest.zip64(in: nameLength..<rest.bytes.count), long.count == 2 else {
                throw corrupt("\(entry.name) has no zip64 sizes")
            }
            found.replaceSubrange(1..., with: long)
        }
        // Sizes that were not known when the header was written stand behind the data, and are 0 here.
        let isWrittenLater = fixed.number(at: 6, bytes: 2) & 8 != 0
        for (number, expected) in zip(found, [entry.checksum, entry.size, entry.packedSize]) {
            guard number == expected || (isWrittenLater && number == 0) else {
                throw corrupt("the sizes of \(entry.name) disagree")
            }
        }
        let start = entry.header + 30 + nameLength + extra
        guard start + entry.packedSize <= directory.lowerBound else { throw corrupt("\(entry.name) is cut short") }
        return start..<(start + entry.packedSize)
    }

    private func corrupt(_ detail: String) -> DataError {
        .corruptFile(file: file.path, format: "zip", detail: detail)
    }
}
