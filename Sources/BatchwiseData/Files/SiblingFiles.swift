import Batchwise

/// The files, and the arrays of an NPZ file, that belong together by their names.
enum SiblingFiles {
    /// The labels beside images: `train-images-idx3-ubyte.gz` has `train-labels-idx1-ubyte.gz`; nil when not there.
    /// Beside `arrays.npz:x_train` it is `arrays.npz:y_train`, and an error when not there.
    static func labels(ofImages path: String) throws(DataError) -> String? {
        let place = DataPath(path)
        if let array = place.array {
            let npz = try NPZ(path: place.file)
            return npz.path(of: try npz.labels(of: array))
        }
        let (folder, name) = cut(path)
        guard let images = range(of: "images", in: name), let kind = range(of: "idx3", in: name),
            images.upperBound <= kind.lowerBound
        else { return nil }
        let between = name[images.upperBound..<kind.lowerBound]
        return existing(
            folder, String(name[..<images.lowerBound]) + "labels" + between + "idx1" + name[kind.upperBound...])
    }

    /// The test images beside training images: `train-images...` has `t10k-images...`; nil when not there.
    /// Beside `arrays.npz:x_train` it is `arrays.npz:x_test`.
    static func test(ofTraining path: String) throws(DataError) -> String? {
        let place = DataPath(path)
        if let array = place.array {
            let npz = try NPZ(path: place.file)
            return npz.test(ofTraining: array).map(npz.path(of:))
        }
        let (folder, name) = cut(path)
        guard name.hasPrefix("train-images") else { return nil }
        return existing(folder, "t10k" + name.dropFirst("train".count))
    }

    /// The file of this name, or of this name with the ending of another compression.
    private static func existing(_ folder: Substring, _ name: String) -> String? {
        let ending = Packing.endings.first(where: name.hasSuffix) ?? ""
        let plain = String(name.dropLast(ending.count))
        return [name, plain, plain + ".gz", plain + ".zst"].map { folder + $0 }.first(where: InputFile.exists)
    }

    private static func cut(_ path: String) -> (folder: Substring, name: Substring) {
        let slash = path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex
        return (path[..<slash], path[slash...])
    }

    private static func range(of word: String, in text: Substring) -> Range<Substring.Index>? {
        var start = text.startIndex
        while start < text.endIndex {
            if text[start...].hasPrefix(word) { return start..<text.index(start, offsetBy: word.count) }
            start = text.index(after: start)
        }
        return nil
    }
}
