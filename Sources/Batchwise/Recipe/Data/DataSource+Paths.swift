extension DataSource {
    /// The data source with every path replaced: of examples, of labels and of the folder of images.
    package func mapPaths(_ map: (String) -> String) -> DataSource {
        var source = self
        source.train = train.map(map)
        source.test = test.map(map)
        switch kind {
        case .arrays(let labels, let channels):
            let labels = Labels(train: labels.train.map(map), test: labels.test.map(map))
            source.kind = .arrays(labels, channels: channels)
        case .imageList(var list):
            list.folder = list.folder.map(map)
            source.kind = .imageList(list)
        case .automatic, .table, .database, .sparse, .images, .text: break
        }
        return source
    }

    /// Replaces the folder of the images where the source is a table of their paths.
    package mutating func setImagesFolder(_ folder: String?) {
        guard case .imageList(var list) = kind else { return }
        list.folder = folder
        kind = .imageList(list)
    }
}
