import Batchwise
import BatchwiseData
import Foundations

// The part of the screen about data: the target, the columns and the rows.

extension RunScreen {
    /// The names of the columns to learn; nothing where the data has no columns.
    private var targetNames: [String] { table?.targets.map { name($0.name) } ?? [] }

    private var table: TableEncoder? {
        if case .table(let encoder) = data.preprocessing.features { encoder } else { nil }
    }

    private func name(_ name: String) -> String { escaped(name, limit: 30) }

    // MARK: The target

    var target: ScreenList {
        switch data.train.targets {
        case .classes(let classes, let names): return self.classes(classes, names)
        case .values(let values, let width, _, _):
            guard case .regression(let means, let deviations) = data.preprocessing.target else { break }
            let names = targetNames
            let amounts = (0..<width).map { place in
                let name = names.count == width ? names[place] : width == 1 ? "the labels" : "label \(place + 1)"
                return "\(name) of mean \(significant(means[place])), deviation \(significant(deviations[place]))"
            }
            guard width == 1 else {
                return ScreenList(amounts, before: "\(counted(width, "amount")): ", separator: ";")
            }
            // the extremes in the unit of the file, without the last digits of a Float
            let extremes = [values.min() ?? 0, values.max() ?? 0].map { Double($0) * deviations[0] + means[0] }
            let step = max(extremes[1] - extremes[0], .leastNormalMagnitude) * 1e-6
            let ends = extremes.map { significant(($0 / step).rounded() * step) }
            return ScreenList([
                "\(names.first ?? "the labels"): an amount from \(ends[0]) to \(ends[1])",
                "mean \(significant(means[0]))",
            ])
        case .none: break
        }
        return ScreenList(["nothing: the data has no target"])
    }

    /// The classes with the shares of the training rows, the commonest first.
    private func classes(_ classes: [Int32], _ names: [String]) -> ScreenList {
        var counts = [Int](repeating: 0, count: names.count)
        for place in classes { counts[Int(place)] += 1 }
        let order = counts.indices.sorted { (-counts[$0], $0) < (-counts[$1], $1) }
        let shares = order.map { place in
            (name: name(names[place]), share: percent(Double(counts[place]) / Double(max(1, classes.count))))
        }
        let learnt =
            if case .characters = data.preprocessing.features { "the next character" } else {
                targetNames.first ?? "the labels"
            }
        let count = counted(names.count, "class", "classes")
        guard names.count > 6, let first = shares.first, let last = shares.last else {
            return ScreenList(shares.map { "\($0.name) \($0.share)" }, before: "\(learnt): \(count), ")
        }
        return ScreenList([
            "\(learnt): \(count)", "the commonest \(first.name) (\(first.share))",
            "the rarest \(last.name) (\(last.share))",
        ])
    }

    // MARK: Columns

    /// The file, and how many features are made of how many columns.
    var source: ScreenList {
        let files = recipe.data?.train ?? []
        let file = files.first.map { escaped(String($0.split(separator: "/").last ?? ""), limit: 30) }
        let from = files.count == 1 ? "\(file ?? ""): " : files.isEmpty ? "" : "\(counted(files.count, "file")): "
        let shape = data.train.featureShape.map(String.init).joined(separator: "x")
        switch data.preprocessing.features {
        case .table(let encoder):
            return ScreenList([
                from + counted(encoder.columns.count, "column"), counted(encoder.width, "feature"),
            ])
        case .characters(let vocabulary):
            return ScreenList([
                from + "the \(shape) characters before", "\(grouped(Double(vocabulary.count))) different ones",
            ])
        case .sparse(_, let magnitudes):
            let scale = magnitudes.isEmpty ? "as they are" : "each divided by its largest magnitude"
            return ScreenList([from + counted(data.train.featureCount, "sparse feature"), scale])
        case .perFeature: return ScreenList([from + "arrays of \(shape)", "each number standardised by itself"])
        case .uniform(let scale, let shift):
            let isScaled = scale != 1 || shift != 0
            let kind = data.train.featureShape.count == 3 ? "images" : "arrays"
            return ScreenList([
                from + "\(kind) of \(shape)", isScaled ? "all numbers standardised together" : "numbers as they are",
            ])
        }
    }

    /// The columns of a table, grouped by how they are taken.
    func features(most: Int) -> [String] {
        guard let table else { return [] }
        var lists = ColumnGroups(table, recipe.data).lists
        let hidden = max(0, lists.count - most)
        lists.removeLast(hidden)
        // with few groups there is room for more names of each
        let each = max(1, most / max(1, lists.count))
        return lists.flatMap { field("", $0, most: each) }
    }

    var leftOut: ScreenList? {
        guard !data.leftOut.isEmpty else { return nil }
        return ScreenList(data.leftOut.map { "\(name($0.name)) (\($0.reason))" })
    }

    // MARK: Rows

    var rows: ScreenList {
        var parts = ["\(grouped(Double(data.train.count))) to train"]
        if let validation = data.validation { parts.append("\(grouped(Double(validation.count))) to validate") }
        parts.append(data.test.map { "\(grouped(Double($0.count))) to test" } ?? "none to test")
        if let fold = recipe.data?.split.fold { parts.append("fold \(fold.number) of \(fold.count)") }
        if let weights = table?.weights { parts.append("weights in \(name(weights.name))") }
        if let group = recipe.data?.columns.group { parts.append("groups in \(name(group))") }
        return ScreenList(parts)
    }
}
