import Batchwise
internal import CZlib

/// The values of one column in one group of rows: an optional dictionary, and pages of values.
struct ParquetChunk {
    /// A page of the chunk, unpacked.
    enum Page {
        case dictionary(ParquetBytes, count: Int)
        /// Values of some rows.
        ///
        /// - Parameter present: whether each row has a value; nil where all have.
        case data(ParquetBytes, ParquetEncoding, present: [UInt32]?, count: Int)
    }

    private let field: ParquetSchema.Field
    private let codec: ParquetCodec
    private var bytes: ParquetBytes
    /// The values in pages that have not been read yet.
    private var left: Int
    private var hasDictionary = false

    init(_ place: ParquetChunkPlace, of field: ParquetSchema.Field, in file: InputFile) throws(ParquetFault) {
        self.field = field
        codec = try ParquetCodec(number: place.codec)
        bytes = try file.parquetBytes(place.start..<place.start + place.byteCount)
        left = place.valueCount
    }

    /// The next page; nil behind the last.
    ///
    /// - Parameter room: the bytes that the file may still unpack to.
    mutating func next(room: inout Int) throws(ParquetFault) -> Page? {
        while left > 0 {
            let header = try ParquetPageHeader(&bytes)
            let packed = bytes.part(try bytes.take(header.packedSize))
            try verify(header, packed)
            switch header.kind {
            case .other: continue
            case .dictionary:
                guard !hasDictionary else { throw .damaged("two dictionaries of one column") }
                hasDictionary = true
                let page = try codec.unpacked(packed, size: header.size, room: &room)
                return .dictionary(page, count: header.count)
            case .data:
                try pass(header.count)
                var page = try codec.unpacked(packed, size: header.size, room: &room)
                var present: [UInt32]?
                if field.isOptional {
                    let size = try page.length()
                    present = try levels(page.part(try page.take(size)), count: header.count)
                }
                return .data(page, try ParquetEncoding(number: header.encoding), present: present, count: header.count)
            case .dataV2(let repetitionBytes, let definitionBytes, let isPacked):
                try pass(header.count)
                var rest = packed
                _ = try rest.take(repetitionBytes)
                let definition = try rest.take(definitionBytes)
                var present: [UInt32]?
                if field.isOptional { present = try levels(rest.part(definition), count: header.count) }
                let size = header.size - repetitionBytes - definitionBytes
                guard size >= 0 else { throw .damaged("a page shorter than its levels") }
                // a page without values may have no bytes at all
                let values = rest.part(rest.at..<rest.end)
                let page =
                    isPacked && values.count + size > 0
                    ? try codec.unpacked(values, size: size, room: &room)
                    : try ParquetCodec.none.unpacked(values, size: size, room: &room)
                return .data(page, try ParquetEncoding(number: header.encoding), present: present, count: header.count)
            }
        }
        return nil
    }

    private mutating func pass(_ count: Int) throws(ParquetFault) {
        guard count <= left else { throw .damaged("a page of \(count) values, where \(left) are left") }
        left -= count
    }

    private func levels(_ bytes: ParquetBytes, count: Int) throws(ParquetFault) -> [UInt32]? {
        var bytes = bytes
        let levels = try RunLengths.decode(&bytes, width: 1, count: count)
        return levels.allSatisfy { $0 == 1 } ? nil : levels
    }

    private func verify(_ header: ParquetPageHeader, _ packed: ParquetBytes) throws(ParquetFault) {
        guard let checksum = header.checksum else { return }
        let found = packed.storage.withUnsafeBufferPointer { storage in
            crc32_z(0, storage.baseAddress! + packed.at, packed.count)
        }
        guard UInt32(truncatingIfNeeded: found) == UInt32(truncatingIfNeeded: checksum) else {
            throw .damaged("the checksum of a page is another")
        }
    }
}
