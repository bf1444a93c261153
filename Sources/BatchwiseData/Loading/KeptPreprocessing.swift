import Batchwise

/// The preprocessing of a saved model that goes on with these data, and whether its features are kept.
package struct KeptPreprocessing: Sendable {
    /// The preprocessing of the saved model.
    package let preprocessing: Preprocessing
    /// Whether the features are kept where they can be; targets are kept in any case.
    package let features: Bool

    package init(_ preprocessing: Preprocessing, features: Bool) {
        self.preprocessing = preprocessing
        self.features = features
    }

    /// The encoder of the saved model's table; nil where it was trained on something else.
    var table: TableEncoder? {
        if case .table(let encoder) = preprocessing.features { encoder } else { nil }
    }

    /// The kept features where fitted ones are of the same kind, and of the same shape but for sparse rows.
    func features(inPlaceOf fitted: Preprocessing.Features, shape: [Int]) -> Preprocessing.Features? {
        guard features else { return nil }
        switch (preprocessing.features, fitted) {
        case (.sparse, .sparse): return preprocessing.features
        case (.uniform, .uniform), (.perFeature, .perFeature):
            return preprocessing.featureShape == shape ? preprocessing.features : nil
        default: return nil
        }
    }

    /// Whether targets that were fitted to new data mean what the outputs of the saved model do: their classes are among
    /// its own, or they are as many numbers.
    func holds(_ fitted: Preprocessing.Target) -> Bool {
        switch (preprocessing.target, fitted) {
        case (.classes(let names), .classes(let found)): Set(names).isSuperset(of: found)
        case (.regression(let means, _), .regression(let found, _)): means.count == found.count
        default: false
        }
    }
}

extension Loading {
    /// The task that is asked for: the recipe's, else that of a saved model with the same targets; nil leaves it to the
    /// data.
    ///
    /// - Parameter columns: the names of the target columns of a table.
    func task(_ raw: RawTarget, _ source: DataSource, columns: [String]? = nil) -> DataSource.Task? {
        guard source.task == nil, raw.width == 1, let kept = keptTarget(columns), columns != nil else {
            return source.task
        }
        switch kept {
        case .classes: return .classification
        case .regression: if case .numbers = raw.values { return .regression } else { return nil }
        case .none: return nil
        }
    }

    /// The meaning of the outputs: that of a saved model where the new targets have it, else one that is fitted to them.
    ///
    /// - Parameter columns: the names of the target columns of a table.
    func target(
        _ raw: RawTarget, as task: DataSource.Task, rows: RowList, columns: [String]? = nil
    ) throws(DataError) -> Preprocessing.Target {
        let fitted = try raw.fitted(as: task, rows: rows)
        guard let kept, let target = keptTarget(columns), kept.holds(fitted) else { return fitted }
        if case .regression = fitted, !kept.features { return fitted }
        return target
    }

    /// The targets of the saved model where they are those of these columns.
    private func keptTarget(_ columns: [String]?) -> Preprocessing.Target? {
        guard let kept, columns == nil || kept.table?.targets.map(\.name) == columns else { return nil }
        return kept.preprocessing.target
    }
}
