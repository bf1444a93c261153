import Foundation

extension DataSource {
    /// Whether the path is a folder of images to learn from, or of converted data.
    package static func isDataFolder(_ path: String) -> Bool {
        if ConvertedData.recognises(path) { return true }
        guard ImageFolder.isAt(path), let root = try? ImageFolder(path) else { return false }
        return root.training != nil || (try? ImageSet(classFolders: path)) != nil
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
        let rows = try splitRows(
            examples.files.count, fraction: testFraction ?? (testPath == nil ? Self.defaultTestFraction : 0),
            seed: seed)
        let target = try raw.fitted(as: task ?? raw.task, rows: rows.train)
        let targets = try raw.targets(for: target)

        let threads = ProcessInfo.processInfo.activeProcessorCount
        let total = Double(2 * examples.files.count)
        let shapes = try ImageFiles.shapes(of: examples.files, threads: threads) { progress(Double($0) / total) }
        let (shape, notice) = ImageShape.common(of: shapes, wanted: images)
        let files = ImageFiles(paths: examples.files, shape: shape)
        let isInMemory = files.byteCount <= memory
        func bytes(_ rows: [Int], after done: Int) throws(DataError) -> [UInt8] {
            try files.bytes(rows: rows, threads: threads) { progress(Double(shapes.count + done + $0) / total) }
        }
        let trainBytes = isInMemory ? try bytes(rows.train, after: 0) : []
        var counts = Moments.counts(trainBytes, width: trainBytes.count, rows: nil)
        if !isInMemory {
            for first in stride(from: 0, to: rows.train.count, by: 1024) {
                let part = Array(rows.train[first..<min(first + 1024, rows.train.count)])
                let found = Moments.counts(try bytes(part, after: first), width: part.count * shape.count, rows: nil)
                for byte in counts.indices { counts[byte] += found[byte] }
            }
        }
        let (scale, shift) = uniform(counts)
        func dataset(_ bytes: [UInt8], _ rows: [Int]) throws(DataError) -> Dataset {
            try Dataset(
                count: rows.count, featureShape: shape.dimensions,
                features: isInMemory
                    ? .bytes(bytes, scale: scale, shift: shift)
                    : .streamed(files.features(scale: scale, shift: shift).rows(rows)),
                targets: targets.rows(rows),
                weights: examples.weights.map { weights in rows.map { weights[$0] } })
        }
        let training = try dataset(trainBytes, rows.train)
        let preprocessing = Preprocessing(
            featureShape: shape.dimensions, features: .uniform(scale: scale, shift: shift), target: target)
        var testing: Dataset?
        if let testPath {
            testing = try preprocessing.load(newRows: testPath, needsTarget: true, source: source, memory: memory)
        } else if !rows.test.isEmpty {
            testing = try dataset(isInMemory ? try bytes(rows.test, after: rows.train.count) : [], rows.test)
        }
        var notices = notice.map { [$0] } ?? []
        if examples.skipped > 0 {
            notices.append("\(path): \(examples.skipped) of its files and folders are no images and are skipped")
        }
        return LoadedData(train: training, test: testing, preprocessing: preprocessing, notices: notices)
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
                    + "split, size, channels and standardise go with it")
        }
        return try ImageSet(classFolders: path)
    }

    /// What of a data section goes with a folder.
    private init(folder source: DataSource) {
        self.init(
            train: source.train, test: source.test, testFraction: source.testFraction, task: source.task,
            standardise: source.standardise)
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
