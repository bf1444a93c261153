import Batchwise
import BatchwiseData
import Foundation

/// The data of a run, read again by the recipe in its directory: the same rows in the same parts.
package struct SavedRun {
    /// The parts of the data.
    package let data: LoadedData
    /// The files of the training rows.
    package let files: [String]

    /// Whether the directory of a run is at the path.
    package static func isAt(_ path: String) -> Bool {
        access(path + "/recipe.yaml", F_OK) == 0
    }

    /// Reads the data.
    ///
    /// - Throws: `RunError.otherData` where they are not those that the run was trained on, and other errors where they
    ///   cannot be read.
    package init(_ path: String, model: Model, loading: (Double) -> Void) throws {
        let directory = try RunDirectory(existing: path)
        let recipe = try directory.readRecipe()
        data = try recipe.loadData(memory: nil, loading)
        files = recipe.data?.train ?? []
        let newest = try directory.checkpoints.newest()
        let known = newest.flatMap { DataChecksums(note: $0.checkpoint.model.notes[DataChecksums.note]) }
        let difference = try known.map { try DataChecksums(data).difference(from: $0) } ?? nil
        let fitted = try data.preprocessing.difference(from: model.preprocessing)
        if let difference = difference ?? fitted {
            throw RunError.changedData(path, difference: difference)
        }
    }

    /// The number of these rows whose features and targets are those of a training row; nil where the features of either
    /// are not in memory.
    package func trained(among rows: Dataset) -> Int? {
        guard data.train.features.isLike(rows.features), let known = data.train.rowHashes, let asked = rows.rowHashes
        else { return nil }
        let all = Set(known)
        return asked.count { all.contains($0) }
    }
}

extension Dataset.Features {
    /// Whether both hold their numbers in the same way, so that equal rows have equal bytes.
    fileprivate func isLike(_ other: Self) -> Bool {
        switch (self, other) {
        case (.bytes, .bytes), (.floats, .floats), (.sparse, .sparse): true
        default: false
        }
    }
}
