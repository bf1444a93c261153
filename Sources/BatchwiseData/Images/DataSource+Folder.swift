import Batchwise

extension DataSource {
    /// Whether the path is a folder of images to learn from, or of converted data.
    package static func isDataFolder(_ path: String) -> Bool {
        if ConvertedData.recognises(path) { return true }
        guard ImageFolder.isAt(path), let root = try? ImageFolder(path) else { return false }
        let hasImages = { (name: String) in (try? ImageFolder(root.path + name))?.images.isEmpty == false }
        return root.training != nil || root.folders.contains(where: hasImages)
    }
}
