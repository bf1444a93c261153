import Foundation

/// The data sets beside the repository, which not every machine has.
public enum SharedData {
    public static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("shared/data").path

    public static func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: folder + "/" + name) }
    public static let hasMNIST = has("mnist/train-images-idx3-ubyte.gz")
    public static let hasHousing = has("housing/housing.csv")
    public static let hasAdult = has("adult/adult.data")
}
