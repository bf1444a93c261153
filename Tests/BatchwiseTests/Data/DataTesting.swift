import Foundation

@testable import Batchwise

/// A file that exists while the test holds it.
final class TemporaryFile {
    let path: String

    init(_ bytes: some Sequence<UInt8>, name: String = "data") throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("batchwise-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent(name)
        try Data(bytes).write(to: file)
        path = file.path
    }

    convenience init(_ text: String, name: String = "data.csv") throws {
        try self.init(text.utf8, name: name)
    }

    deinit {
        try? FileManager.default.removeItem(at: URL(fileURLWithPath: path).deletingLastPathComponent())
    }
}

/// The data sets beside the repository, which not every machine has.
enum SharedData {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared/data").path

    static func has(_ name: String) -> Bool { InputFile.exists(folder + "/" + name) }
    static let hasMNIST = has("mnist/train-images-idx3-ubyte.gz")
    static let hasHousing = has("housing/housing.csv")
    static let hasAdult = has("adult/adult.data")
}

/// The error that a call throws, or nil.
func failure<T>(_ work: () throws(DataError) -> T) -> DataError? {
    do throws(DataError) { _ = try work() } catch { return error }
    return nil
}

/// The features of one example as a model sees them.
func features(_ dataset: Dataset, row: Int) -> [Float] {
    var result = [Float](repeating: .nan, count: dataset.featureCount)
    // what cannot be read stays NaN, which nothing equals
    try? result.withUnsafeMutableBufferPointer { try dataset.fill($0, rows: CollectionOfOne(row)) }
    return result
}

func table(_ text: String, header: Bool? = nil) throws(DataError) -> Table {
    try CSV(path: "t.csv", bytes: Array(text.utf8), header: header).table()
}
