import Batchwise

extension ArrayShards {
    /// A checksum of the form of the rows and, for each file, of the CRC-32 that its manifest has. A file without one
    /// stands by its length and by 64 pieces of it, a change between which is not seen.
    func contentChecksum() throws(DataError) -> UInt64 {
        var sum = Checksum()
        sum.add(element.rawValue)
        sum.add(shape)
        for shard in shards {
            sum.add(shard.rows.count)
            if let checksum = shard.checksum {
                sum.add(Int(checksum))
            } else {
                sum.add(shard.file.length)
                try addPieces(of: shard, to: &sum)
            }
        }
        return sum.value
    }

    private func addPieces(of shard: Shard, to sum: inout Checksum) throws(DataError) {
        let (pieces, length) = (64, 4096)
        let bytes = shard.rows.count * rowBytes
        var piece = [UInt8](repeating: 0, count: length)
        for number in 0..<pieces {
            let offset = shard.offset + max(0, bytes - length) / (pieces - 1) * number
            let found = try piece.withUnsafeMutableBufferPointer { (piece) throws(DataError) in
                try shard.file.peek(at: offset, into: UnsafeMutableRawBufferPointer(piece))
            }
            sum.add(Array(piece[..<found]))
        }
    }
}
