import Batchwise
import Foundation

extension DataSource {
    /// Whether the path is a folder in which images to learn from lie, or of converted data.
    package static func isDataFolder(_ path: String) -> Bool {
        if ConvertedData.recognises(path) { return true }
        guard ImageFolder.isAt(path), let root = try? ImageFolder(path) else { return false }
        let hasImages = { (name: String) in (try? ImageFolder(root.path + name))?.images.isEmpty == false }
        return root.training != nil || root.folders.contains(where: hasImages)
    }

    /// Whether the training examples are images: a folder, or a table of their paths.
    func readsImages(in folder: String) -> Bool {
        images.column != nil || ImageFolder.isAt(Self.path(train, in: folder))
    }

    /// Reads a folder or list of images, and the test images that belong to it. Where all of them are more than
    /// `memory`, they are decoded when a batch needs them.
    func loadImages(
        seed: UInt64, folder: String, memory: Int, progress: (Double) -> Void
    ) throws(DataError) -> LoadedData {
        var source = self
        source.images.folder = images.folder.map { Self.path($0, in: folder) }
        var path = Self.path(train, in: folder)
        var testPath = test.map { Self.path($0, in: folder) }
        if ImageFolder.isAt(path) {
            let root = try ImageFolder(path)
            if let training = root.training {
                path = training
                if testPath == nil, testFraction == nil { testPath = root.test }
            }
        }
        let examples = try source.imageSet(at: path)
        guard let raw = examples.target else { throw .labelsMissing(file: path) }
        let parts = try parts(
            of: raw, groups: nil, testFraction: testFraction ?? (testPath == nil ? Self.defaultTestFraction : 0),
            seed: seed)
        let target = try raw.fitted(as: task ?? raw.task, rows: parts.train)
        let targets = try raw.targets(for: target)

        let threads = ProcessInfo.processInfo.activeProcessorCount
        let total = Double(2 * examples.files.count)
        let shapes = try ImageFiles.shapes(of: examples.files, threads: threads) { progress(Double($0) / total) }
        let (shape, notice) = ImageShape.common(of: shapes, wanted: images)
        let files = ImageFiles(paths: examples.files, shape: shape)
        try files.requireRoom(in: memory, for: path)
        let isInMemory = files.byteCount <= memory
        func decoded(_ rows: Range<Int>) throws(DataError) -> [UInt8] {
            try files.bytes(rows: Array(rows), threads: threads) {
                progress(Double(shapes.count + rows.lowerBound + $0) / total)
            }
        }
        let bytes = isInMemory ? try decoded(0..<files.count) : []
        var counts = Moments.counts(bytes, width: shape.count, rows: isInMemory ? parts.train : [])
        if !isInMemory {
            let isTrained = Set(parts.train)
            for first in stride(from: 0, to: files.count, by: files.rowsAtOnce) {
                let rows = first..<min(first + files.rowsAtOnce, files.count)
                let wanted = rows.filter(isTrained.contains).map { $0 - first }
                let found = Moments.counts(try decoded(rows), width: shape.count, rows: wanted)
                for byte in counts.indices { counts[byte] += found[byte] }
            }
        }
        let (scale, shift) = uniform(counts)
        let all = try Dataset(
            count: files.count, featureShape: shape.dimensions,
            features: isInMemory
                ? .bytes(bytes, scale: scale, shift: shift) : .streamed(files.features(scale: scale, shift: shift)),
            targets: targets, weights: examples.weights)
        let preprocessing = Preprocessing(
            featureShape: shape.dimensions, features: .uniform(scale: scale, shift: shift), target: target)
        let testSet = try testPath.map { (path) throws(DataError) in
            try preprocessing.load(newRows: path, needsTarget: true, source: source, memory: memory)
        }
        var notices = notice.map { [$0] } ?? []
        if examples.skipped > 0 {
            notices.append("\(path): \(examples.skipped) of its files and folders are no images and are skipped")
        }
        return try loaded(all, parts, test: testSet, preprocessing, notices: notices)
    }

    func imageSet(at path: String) throws(DataError) -> ImageSet {
        guard ImageFolder.isAt(path) else {
            guard labels == nil, testLabels == nil, ignore.isEmpty, format != .libsvm else {
                throw .badSource("data.labels, test-labels, ignore and format do not go with data.images")
            }
            guard case .table(let csv) = try DataFile(path: path, format: .csv, header: header) else {
                throw .badSource("data.images is for a table of paths, and \(path) is none")
            }
            return try ImageSet(list: csv, self, folder: images.folder, needsTarget: true)
        }
        guard self == DataSource(folder: self), task != .regression else {
            throw .badSource(
                "\(path) is a folder of images, whose classes are its folders: of the keys of data only train, test, "
                    + "split, class-weights, size, channels and standardise go with it")
        }
        return try ImageSet(classFolders: path)
    }

    /// What of a data section goes with a folder.
    private init(folder source: DataSource) {
        self.init(
            train: source.train, test: source.test, testFraction: source.testFraction,
            validationFraction: source.validationFraction, splitMethod: source.splitMethod, fold: source.fold,
            classWeights: source.classWeights, task: source.task, standardise: source.standardise)
        images.size = source.images.size
        images.channels = source.images.channels
    }

    /// The mean and deviation of all bytes, as for arrays of bytes.
    private func uniform(_ counts: [Int]) -> (scale: Float, shift: Float) {
        guard standardise else { return (1, 0) }
        let moments = Moments(counts: counts)
        return (Float(1 / moments.deviation), Float(-moments.mean / moments.deviation))
    }
}

extension ImageFiles {
    /// Bytes of all images once they are decoded.
    var byteCount: Int {
        let (bytes, overflow) = paths.count.multipliedReportingOverflow(by: shape.count)
        return overflow ? .max : bytes
    }

    /// Images that are decoded at a time where all are looked at once: about 64 MiB.
    var rowsAtOnce: Int { max(1, min(1024, (64 << 20) / shape.count)) }

    /// Fails where one image alone is more than the memory that all may take.
    func requireRoom(in memory: Int, for path: String) throws(DataError) {
        guard shape.count <= memory else { throw .tooLarge(file: path, bytes: byteCount, limit: memory) }
    }

    /// The images, decoded when a batch needs them.
    func features(scale: Float, shift: Float) -> StreamedFeatures {
        StreamedFeatures(.bytes(scale: scale, shift: shift), reader: ImageRows(self))
    }
}

/// Images that are decoded when they are asked for.
private final class ImageRows: RowReader {
    private let files: ImageFiles

    init(_ files: ImageFiles) { self.files = files }

    func fill(_ buffer: UnsafeMutableRawBufferPointer, rows: [Int]) throws(DataError) {
        try files.fill(buffer.bindMemory(to: UInt8.self), rows: rows)
    }
}
