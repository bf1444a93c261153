import Foundations
import Batchwise
import Foundation

extension DataSource {
    /// Writes the examples as a folder of converted data, which trains to the same bits and is read faster.
    ///
    /// A table keeps its columns, with the types that they have here or that this value says, but those to ignore: which
    /// one is the target is said when training.
    ///
    /// - Parameters:
    ///   - path: the folder, which must not be there yet.
    ///   - folder: where the source's relative paths begin.
    ///   - shardRows: rows of a file; nil makes files of about 1 GiB.
    /// - Throws: `DataError` for the source, `FileError` for the folder.
    package func convert(to path: String, relativeTo folder: String = "", shardRows: Int? = nil) throws {
        guard train != Self.digits else { throw DataError.badSource("the digits are in the program; convert a file") }
        let paths = Self.paths(train, continued.train, in: folder)
        let labels = Self.paths(labels, continued.labels, in: folder)
        let rows = try DatabaseRows(table: table, query: query)
        if readsImages(in: folder) { return try imageSet(at: paths[0]).convert(to: path, images, shardRows) }
        switch try DataFile(paths: paths, format: format, header: header, rows: rows, memory: 0) {
        case .table(let file):
            let kinds = try kinds(of: file)
            if let csv = file as? CSV {
                try csv.convert(to: path, kinds: kinds, shardRows)
            } else {
                try file.table(kinds: kinds).convert(to: path, hasHeader: file.hasHeader, shardRows)
            }
        case .arrays(let npz):
            try ArrayExamples(npz, try npz.features(forTesting: false)).convert(to: path, labels: labels, shardRows)
        case .streamed(let array): try array.convert(to: path, labels: labels, shardRows)
        case .array(let array): try ArrayExamples(array, file: paths[0]).convert(to: path, labels: labels, shardRows)
        case .sparse(let rows): try rows.convert(to: path)
        }
    }
}

extension DataSource {
    /// How each column of a table is converted.
    private func kinds(of file: any TableFile) throws(DataError) -> [Table.Kind] {
        var kinds = [Table.Kind](repeating: .either, count: file.names.count)
        for (name, rule) in columns.sorted(by: { $0.key < $1.key }) {
            kinds[try file.place(of: name)] = rule.tableKind
        }
        for name in ignore { kinds[try file.place(of: name)] = .skip }
        guard kinds.contains(where: { $0 != .skip }) else {
            throw .badSource("data.ignore names all columns, which leaves none to convert")
        }
        return kinds
    }
}

extension RawTarget {
    /// How the numbers are kept, and the numbers: texts as their places among the levels.
    fileprivate var field: (ConvertedManifest.Field, [Double]) {
        var field = ConvertedManifest.Field(name: "target", element: .double, shape: width == 1 ? [] : [width])
        switch values {
        case .texts(let codes, let levels):
            field.levels = levels
            return (field, codes.map(Double.init))
        case .numbers(let numbers):
            field.origin =
                switch origin {
                case .integers: .integers
                case .booleans: .booleans
                case .floats, .table, .folders: .floats
                }
            return (field, numbers)
        }
    }
}

extension ExampleFile {
    /// The labels, where there are any.
    fileprivate func optionalTarget(labels: [String]) throws -> RawTarget? {
        do {
            return try target(labels: labels)
        } catch DataError.labelsMissing {
            return nil
        }
    }

    /// Writes what `forEachRun` hands over.
    fileprivate func convert(
        to path: String, labels: [String], _ shardRows: Int?, element: ArrayShards.Element, shape: [Int],
        forEachRun: ((Range<Int>, UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        let target = try optionalTarget(labels: labels)?.field
        let features = ConvertedManifest.Field(name: "features", element: element, shape: shape)
        var writer = try ConvertedDataWriter(
            to: path,
            ConvertedManifest(
                kind: .array, keepsTestRows: keepsTestRows, fields: [features] + (target.map { [$0.0] } ?? [])),
            count: count, shardRows: shardRows)
        try forEachRun { rows, bytes in
            guard let (field, numbers) = target else { return try writer.append(rows: rows.count, [bytes]) }
            let width = field.shape.reduce(1, *)
            try numbers[(rows.lowerBound * width)..<(rows.upperBound * width)].withUnsafeBytes {
                try writer.append(rows: rows.count, [bytes, $0])
            }
        }
        try writer.finish()
    }
}

extension ImageSet {
    /// The decoded images with their targets.
    fileprivate func convert(to path: String, _ wanted: DataSource.Images, _ shardRows: Int?) throws {
        guard weights == nil else {
            throw DataError.badSource("converted images have no weights: remove data.weights, or train from the list")
        }
        let threads = ProcessInfo.processInfo.activeProcessorCount
        let shapes = try ImageFiles.shapes(of: self.files, threads: threads) { _ in }
        let (shape, _) = ImageShape.common(of: shapes, wanted: wanted)
        let files = ImageFiles(paths: self.files, shape: shape)
        let target = target?.field
        let features = ConvertedManifest.Field(name: "features", element: .byte, shape: shape.dimensions)
        var writer = try ConvertedDataWriter(
            to: path,
            ConvertedManifest(
                kind: .array, keepsTestRows: true, fields: [features] + (target.map { [$0.0] } ?? [])),
            count: files.count, shardRows: shardRows)
        try files.requireRoom(in: DataSource.usualMemory, for: self.path)
        for first in stride(from: 0, to: files.count, by: files.rowsAtOnce) {
            let rows = first..<min(first + files.rowsAtOnce, files.count)
            let bytes = try files.bytes(rows: Array(rows), threads: threads, progress: { _ in })
            try bytes.withUnsafeBytes { bytes in
                guard let (_, numbers) = target else { return try writer.append(rows: rows.count, [bytes]) }
                try numbers[rows].withUnsafeBytes { try writer.append(rows: rows.count, [bytes, $0]) }
            }
        }
        try writer.finish()
    }
}

extension StreamedArray {
    fileprivate func convert(to path: String, labels: [String], _ shardRows: Int?) throws {
        try convert(to: path, labels: labels, shardRows, element: shards.element, shape: shards.shape) { body in
            var failure: (any Error)?
            try shards.forEachRun { rows, bytes in
                guard failure == nil else { return }
                do { try body(rows, bytes) } catch { failure = error }
            }
            if let failure { throw failure }
        }
    }
}

extension ArrayExamples {
    fileprivate func convert(to path: String, labels: [String], _ shardRows: Int?) throws {
        let shape = Array(array.shape.dropFirst())
        func convert<Number>(_ numbers: [Number], _ element: ArrayShards.Element) throws {
            try self.convert(to: path, labels: labels, shardRows, element: element, shape: shape) { body in
                try numbers.withUnsafeBytes { try body(0..<count, $0) }
            }
        }
        switch array.storage {
        case .bytes(let numbers): try convert(numbers, .byte)
        case .booleans(let numbers): try convert(numbers, .boolean)
        case .floats(let numbers): try convert(numbers, .float)
        case .doubles(let numbers): try convert(numbers, .double)
        case .integers(let numbers):
            guard numbers.allSatisfy({ $0.magnitude <= 1 << 53 }) else {
                throw DataError.unsupported(file: self.path, detail: "holds integers beyond 2^53; save it as float64")
            }
            try convert(numbers.map(Double.init), .double)
        }
    }
}
