import Foundation

extension DataSource {
    /// Whether the path is a folder in which images to learn from lie.
    package static func isImageFolder(_ path: String) -> Bool {
        guard InputFile.isFolder(path), let root = try? ImageFolder(path) else { return false }
        let hasImages = { (name: String) in (try? ImageFolder(root.path + name))?.images.isEmpty == false }
        return root.training != nil || root.folders.contains(where: hasImages)
    }

    /// Whether the training examples are images: a folder, or a table of their paths.
    func readsImages(in folder: String) -> Bool {
        images.column != nil || InputFile.isFolder(Self.path(train, in: folder))
    }

    /// Reads a folder or list of images, and the test images that belong to it.
    func loadImages(seed: UInt64, folder: String, progress: (Double) -> Void) throws(DataError) -> LoadedData {
        var source = self
        source.images.folder = images.folder.map { Self.path($0, in: folder) }
        var path = Self.path(train, in: folder)
        var testPath = test.map { Self.path($0, in: folder) }
        if InputFile.isFolder(path) {
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
        try examples.requireMemory(for: shape)
        let files = ImageFiles(paths: examples.files, shape: shape)
        func bytes(_ rows: [Int], after done: Int) throws(DataError) -> [UInt8] {
            try files.bytes(rows: rows, threads: threads) { progress(Double(shapes.count + done + $0) / total) }
        }
        let trainBytes = try bytes(rows.train, after: 0)
        let (scale, shift) = uniform(trainBytes)
        func dataset(_ bytes: [UInt8], _ rows: [Int]) throws(DataError) -> Dataset {
            try Dataset(
                count: rows.count, featureShape: shape.dimensions,
                features: .bytes(bytes, scale: scale, shift: shift), targets: targets.rows(rows),
                weights: examples.weights.map { weights in rows.map { weights[$0] } })
        }
        let training = try dataset(trainBytes, rows.train)
        let preprocessing = Preprocessing(
            featureShape: shape.dimensions, features: .uniform(scale: scale, shift: shift), target: target)
        var testing: Dataset?
        if let testPath {
            testing = try preprocessing.load(newRows: testPath, needsTarget: true, source: source)
        } else if !rows.test.isEmpty {
            testing = try dataset(try bytes(rows.test, after: rows.train.count), rows.test)
        }
        var notices = notice.map { [$0] } ?? []
        if examples.skipped > 0 {
            notices.append("\(path): \(examples.skipped) of its files and folders are no images and are skipped")
        }
        return LoadedData(train: training, test: testing, preprocessing: preprocessing, notices: notices)
    }

    private func imageSet(at path: String) throws(DataError) -> ImageSet {
        guard InputFile.isFolder(path) else {
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
    private func uniform(_ bytes: [UInt8]) -> (scale: Float, shift: Float) {
        guard standardise else { return (1, 0) }
        let moments = Moments(counts: Moments.counts(bytes, width: bytes.count, rows: nil))
        return (Float(1 / moments.deviation), Float(-moments.mean / moments.deviation))
    }
}

extension ImageSet {
    /// Fails where all images of this shape are more than the memory.
    func requireMemory(for shape: ImageShape) throws(DataError) {
        let (bytes, overflow) = files.count.multipliedReportingOverflow(by: shape.count)
        guard !overflow, bytes <= memoryLimit else {
            throw .tooLarge(file: path, bytes: overflow ? .max : bytes, limit: memoryLimit)
        }
    }
}
