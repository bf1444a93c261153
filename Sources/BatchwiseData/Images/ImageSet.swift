import Batchwise

/// Image files with their targets: a folder, a list, or one file.
struct ImageSet {
    /// The folder, list or file.
    let path: String
    /// The image files, in the order of the examples.
    let files: [String]
    /// The targets; nil where they are not known, as when predicting.
    var target: RawTarget?
    /// The weight of each example.
    var weights: [Float]?
    /// The number of files of the folder that are no images.
    var skipped = 0
    /// Notices to a person about how a list was read.
    var notices: [String] = []
}

extension ImageSet {
    /// `class/name.png`: the classes are the folders in the order of the bytes of their names, and so are their images.
    init(classFolders folder: String) throws(DataError) {
        let root = try ImageFolder(folder)
        guard !root.folders.isEmpty else { throw .imageFolder(folder, "holds no folder of images") }
        if let training = root.training, let test = root.test {
            throw .imageFolder(folder, "holds training and test images: name \(training) or \(test)")
        }
        var files: [String] = []
        var codes: [Int32] = []
        var skipped = root.skipped + root.images.count
        for (code, name) in root.folders.enumerated() {
            let inside = try ImageFolder(root.path + name)
            guard !inside.images.isEmpty else { throw .imageFolder(inside.path, "holds no image") }
            files += inside.images.map { inside.path + $0 }
            codes += repeatElement(Int32(clamping: code), count: inside.images.count)
            skipped += inside.skipped + inside.folders.count
        }
        self.init(
            path: folder, files: files,
            target: RawTarget(
                file: folder, values: .texts(codes: codes, levels: root.folders), width: 1, origin: .folders),
            skipped: skipped)
    }

    /// All images of a folder and of the folders in it, in the order of the bytes of their paths.
    init(unlabelled folder: String) throws(DataError) {
        let root = try ImageFolder(folder)
        var files = root.images.map { root.path + $0 }
        var skipped = root.skipped
        for name in root.folders {
            let inside = try ImageFolder(root.path + name)
            files += inside.images.map { inside.path + $0 }
            skipped += inside.skipped + inside.folders.count
        }
        guard !files.isEmpty else { throw .imageFolder(folder, "holds no image") }
        self.init(
            path: folder, files: files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }, target: nil,
            skipped: skipped)
    }

    /// A table of the paths of images.
    ///
    /// - Parameters:
    ///   - list: which columns hold paths, targets and weights, and the folder of relative paths.
    ///   - task: what the target is; nil finds out.
    ///   - needsTarget: whether targets and weights are read.
    init(
        _ file: any TableFile, _ list: DataSource.ImageList, task: DataSource.Task?, needsTarget: Bool
    ) throws(DataError) {
        let place = try file.places.place(of: list.column)
        var kinds = file.names.map { _ in Table.Kind.skip }
        var targetPlace: Int?
        var weightsPlace: Int?
        if needsTarget {
            guard let target = list.target else { throw .noTarget(file: file.path, columns: file.names) }
            let at = try file.places.place(of: target)
            kinds[at] = task == .regression ? .numeric : .either
            targetPlace = at
            weightsPlace = try list.weights.map { (name) throws(DataError) in try file.places.place(of: name) }
            if let weightsPlace { kinds[weightsPlace] = .numeric }
        }
        guard place != targetPlace, place != weightsPlace, targetPlace == nil || targetPlace != weightsPlace else {
            throw .badSource("data.images, data.target and data.weights must be different columns")
        }
        kinds[place] = .categorical
        let table = try file.table(kinds: kinds)
        self.init(
            path: file.path, files: try Self.files(table, place, ImagePaths(of: file.path, folder: list.folder)),
            target: try targetPlace.map { (place) throws(DataError) in try RawTarget(table, places: [place]) },
            weights: try weightsPlace.map { (place) throws(DataError) in try table.weights(in: place) },
            notices: table.notices)
    }

    private static func files(_ table: Table, _ place: Int, _ paths: ImagePaths) throws(DataError) -> [String] {
        guard case .categorical(let codes, let levels) = table.columns[place].values else { return [] }
        var known = [String?](repeating: nil, count: levels.count)
        var files: [String] = []
        for (row, code) in codes.enumerated() {
            guard code >= 0 else {
                throw .missingValue(file: table.path, line: table.line(row), column: table.columns[place].name)
            }
            if let file = known[Int(code)] {
                files.append(file)
            } else {
                let file = try paths.path(levels[Int(code)], line: table.line(row))
                known[Int(code)] = file
                files.append(file)
            }
        }
        return files
    }
}

/// The paths of a list, which must not lead out of one folder.
private struct ImagePaths {
    let file: String
    /// The folder, with a slash at its end; empty: the working folder.
    let folder: String
    let isChosen: Bool

    init(of file: String, folder: String?) {
        self.file = file
        isChosen = folder != nil
        let own = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
        self.folder = folder.map { $0.isEmpty || $0.hasSuffix("/") ? $0 : $0 + "/" } ?? own
    }

    /// An absolute path is taken where it lies in the folder that was chosen.
    func path(_ path: String, line: Int) throws(DataError) -> String {
        let isInside = path.hasPrefix("/") ? isChosen && !folder.isEmpty && path.hasPrefix(folder) : true
        guard isInside, !path.split(separator: "/").contains("..") else {
            throw .badLine(
                file: file, line: line,
                detail: "the path \(path) leaves the folder of the images; data.images-folder names another")
        }
        return path.hasPrefix("/") ? path : folder + path
    }
}
