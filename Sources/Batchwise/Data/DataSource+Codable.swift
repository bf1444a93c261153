extension DataSource: Codable {
    /// The keys of a recipe's data section.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case train, labels, test
        case testLabels = "test-labels"
        case target, split, header, weights, ignore, task
    }

    private enum SplitKeys: String, CodingKey { case test }

    /// Reads a section, or a lone name or path as `train`.
    public init(from decoder: any Decoder) throws {
        if let train = try? decoder.singleValueContainer().decode(String.self) {
            self.init(train: train)
            return
        }
        let section = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            train: try section.decode(String.self, forKey: .train),
            labels: try section.decodeIfPresent(String.self, forKey: .labels),
            test: try section.decodeIfPresent(String.self, forKey: .test),
            testLabels: try section.decodeIfPresent(String.self, forKey: .testLabels),
            target: try section.decodeIfPresent(ColumnName.self, forKey: .target)?.text,
            testFraction: section.contains(.split)
                ? try section.nestedContainer(keyedBy: SplitKeys.self, forKey: .split)
                    .decodeIfPresent(Double.self, forKey: .test) : nil,
            header: try section.decodeIfPresent(Bool.self, forKey: .header),
            weights: try section.decodeIfPresent(ColumnName.self, forKey: .weights)?.text,
            ignore: try section.decodeIfPresent([ColumnName].self, forKey: .ignore)?.map(\.text) ?? [],
            task: try section.decodeIfPresent(Task.self, forKey: .task))
    }

    /// Writes only what is set, in the form that `init(from:)` reads.
    public func encode(to encoder: any Encoder) throws {
        var section = encoder.container(keyedBy: CodingKeys.self)
        try section.encode(train, forKey: .train)
        try section.encodeIfPresent(labels, forKey: .labels)
        try section.encodeIfPresent(test, forKey: .test)
        try section.encodeIfPresent(testLabels, forKey: .testLabels)
        try section.encodeIfPresent(target, forKey: .target)
        if let testFraction {
            var split = section.nestedContainer(keyedBy: SplitKeys.self, forKey: .split)
            try split.encode(testFraction, forKey: .test)
        }
        try section.encodeIfPresent(header, forKey: .header)
        try section.encodeIfPresent(weights, forKey: .weights)
        if !ignore.isEmpty { try section.encode(ignore, forKey: .ignore) }
        try section.encodeIfPresent(task, forKey: .task)
    }
}

/// A column by name or number: YAML reads `target: 3` as a number.
private struct ColumnName: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int.self) {
            text = String(number)
        } else {
            text = try container.decode(String.self)
        }
    }
}
