/// Checksums of the parts of a data set as a model sees it, in the order of its examples: they tell whether another
/// data set is the same, and else what differs.
package struct DatasetChecksums: Codable, Equatable, Sendable {
    /// The number of examples.
    package let examples: Int
    /// The features, where they are in memory.
    let features: String?
    /// Of features that are read when they are needed, what `RowReader.contentChecksum()` covers; nil for a program's own
    /// rows. A machine with other memory may have `features` instead: then neither is compared.
    let rows: String?
    /// The names of the classes; nil where the targets are numbers.
    let classes: String?
    /// The targets, with the mean and deviation of numbers.
    let targets: String
    /// The weights; nil where there are none.
    let weights: String?

    /// Reads every number once.
    package init(_ data: Dataset) throws(DataError) {
        examples = data.count
        let sum = try data.features.checksum()
        if case .streamed = data.features { (features, rows) = (nil, sum) } else { (features, rows) = (sum, nil) }
        var targets = Checksum()
        var classes: Checksum?
        switch data.targets {
        case .classes(let places, let names):
            targets.add(places)
            classes = Checksum()
            for name in names { classes?.add(name) }
        case .values(let values, let width, let means, let deviations):
            targets.add(width)
            targets.add(means)
            targets.add(deviations)
            targets.add(values)
        case .none: break
        }
        self.targets = targets.text
        self.classes = classes?.text
        weights = data.weights.map { weights in
            var sum = Checksum()
            sum.add(weights)
            return sum.text
        }
    }

    /// The parts that differ from those of another data set, in words such as "labels"; empty where none does.
    package func differences(from other: Self) -> [String] {
        guard examples == other.examples else { return ["number (\(examples) and not \(other.examples))"] }
        var parts: [String] = []
        func differ(_ one: String?, _ other: String?) -> Bool { one != nil && other != nil && one != other }
        if differ(features, other.features) || differ(rows, other.rows) { parts.append("features") }
        if classes != other.classes { parts.append("class names") }
        if targets != other.targets { parts.append(classes == nil ? "targets" : "labels") }
        if weights != other.weights { parts.append("weights") }
        return parts
    }
}

extension Dataset.Features {
    /// The checksum of all features; nil for a program's own rows.
    fileprivate func checksum() throws(DataError) -> String? {
        var sum = Checksum()
        switch self {
        case .bytes(let bytes, let scale, let shift):
            sum.add([scale, shift])
            sum.add(bytes)
        case .floats(let floats): sum.add(floats)
        case .sparse(let rows):
            sum.add(rows.width)
            sum.add(rows.starts)
            sum.add(rows.columns)
            sum.add(rows.values)
        case .streamed(let features):
            guard let content = try features.reader.contentChecksum() else { return nil }
            if case .bytes(let scale, let shift) = features.element { sum.add([scale, shift]) }
            sum.add(Int(truncatingIfNeeded: content))
            if let selection = features.selection { sum.add(selection.numbers) }
        }
        return sum.text
    }
}
