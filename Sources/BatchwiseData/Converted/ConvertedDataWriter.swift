import Batchwise
internal import CZlib
import Foundation
import Foundations

/// Writes a folder of converted data beside its place; it gets its name when it is whole and on the disk.
struct ConvertedDataWriter: ~Copyable {
    private let path: String
    private let temporary: String
    private var manifest: ConvertedManifest
    private let count: Int
    private let shardRows: Int
    /// The length of each field's file, where fields do not have one entry a row: then there is one shard.
    private let lengths: [Int]?
    private var files: [FileHandle] = []
    private var checksums: [UInt] = []
    private var rowsInShard = 0
    private var isFinished = false

    /// - Parameters:
    ///   - count: all rows that will come.
    ///   - shardRows: rows of a file; nil makes files of about 1 GiB.
    ///   - lengths: of each field's file, where they differ: all rows are then added at once, to one shard.
    init(
        to path: String, _ manifest: ConvertedManifest, count: Int, shardRows: Int? = nil, lengths: [Int]? = nil
    ) throws(FileError) {
        self.lengths = lengths
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        self.manifest = manifest
        self.count = count
        let widest = manifest.fields.map { $0.element.size * $0.shape.reduce(1, *) }.max() ?? 1
        self.shardRows = lengths == nil ? max(1, shardRows ?? (1 << 30) / widest) : count
        temporary = self.path + ".partial-\(getpid())"
        guard !FileIdentity.isTaken(self.path) else {
            throw .cannotCreate(path: self.path, reason: "something is there already")
        }
        guard mkdir(temporary, 0o777) == 0 else {
            throw .cannotCreate(path: self.path, reason: AtomicFile.systemReason())
        }
    }

    deinit {
        if !isFinished { try? FileManager.default.removeItem(atPath: temporary) }
    }

    /// Adds rows: for each field, their bytes one after the other.
    mutating func append(rows: Int, _ fields: [UnsafeRawBufferPointer]) throws(FileError) {
        var done = 0
        while done < rows {
            if files.isEmpty { try beginShard() }
            let part = done..<min(rows, done + currentShardRows - rowsInShard)
            for (index, bytes) in fields.enumerated() {
                guard lengths == nil else {
                    try write(bytes, index)
                    continue
                }
                let width = bytes.count / rows
                try write(
                    UnsafeRawBufferPointer(rebasing: bytes[(part.lowerBound * width)..<(part.upperBound * width)]),
                    index)
            }
            rowsInShard += part.count
            done = part.upperBound
            if rowsInShard == currentShardRows { try endShard() }
        }
    }

    /// Sets the texts of a table's column, which may be known only when all rows have been written.
    mutating func setLevels(_ levels: [String], ofColumn place: Int) { manifest.columns?[place].levels = levels }

    /// Flushes everything and gives the folder its name.
    mutating func finish() throws {
        precondition(manifest.count == count, "\(manifest.count) rows were written instead of \(count)")
        try AtomicFile.write(try manifest.encoded(), to: temporary + "/" + ConvertedManifest.fileName)
        // The name is taken first, so that nothing that came there in the meantime is replaced.
        guard mkdir(path, 0o777) == 0 else {
            throw FileError.cannotCreate(path: path, reason: AtomicFile.systemReason())
        }
        guard rename(temporary, path) == 0 else {
            let reason = AtomicFile.systemReason()
            rmdir(path)
            throw FileError.cannotCreate(path: path, reason: reason)
        }
        isFinished = true
        try AtomicFile.flush(folder: AtomicFile.folder(of: path), for: path)
    }

    private var currentShardRows: Int { min(shardRows, count - manifest.count) }

    private mutating func beginShard() throws(FileError) {
        for (index, field) in manifest.fields.enumerated() {
            let name = temporary + "/" + manifest.fileName(field: index, shard: manifest.shards.count)
            guard FileManager.default.createFile(atPath: name, contents: nil),
                let file = FileHandle(forWritingAtPath: name)
            else { throw .cannotCreate(path: name, reason: AtomicFile.systemReason()) }
            files.append(file)
            let header = NPYWriter.header(
                descr: field.element.rawValue, shape: [lengths?[index] ?? currentShardRows] + field.shape)
            try header.withUnsafeBufferPointer { (bytes) throws(FileError) in
                try writeOnly(UnsafeRawBufferPointer(bytes), index)
            }
        }
        checksums = files.map { _ in 0 }
        rowsInShard = 0
    }

    private mutating func write(_ bytes: UnsafeRawBufferPointer, _ index: Int) throws(FileError) {
        for first in stride(from: 0, to: bytes.count, by: 1 << 28) {
            let part = UnsafeRawBufferPointer(rebasing: bytes[first..<min(first + 1 << 28, bytes.count)])
            checksums[index] = crc32(
                checksums[index], part.bindMemory(to: UInt8.self).baseAddress, UInt32(part.count))
            try writeOnly(part, index)
        }
    }

    private func writeOnly(_ bytes: UnsafeRawBufferPointer, _ index: Int) throws(FileError) {
        var done = 0
        while done < bytes.count {
            let written = Foundation.write(files[index].fileDescriptor, bytes.baseAddress! + done, bytes.count - done)
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else {
                throw .inputOutput(path: path, reason: "cannot write it: \(AtomicFile.systemReason())")
            }
            done += written
        }
    }

    private mutating func endShard() throws(FileError) {
        for file in files {
            do {
                try file.synchronize()
                try file.close()
            } catch {
                throw .inputOutput(path: path, reason: "cannot flush it: \(AtomicFile.systemReason())")
            }
        }
        manifest.shards.append(.init(rows: rowsInShard, checksums: checksums.map { UInt32(truncatingIfNeeded: $0) }))
        files = []
    }
}
