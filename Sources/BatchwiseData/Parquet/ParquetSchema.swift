import Batchwise

/// The columns of a Parquet file that can be read as columns of a table, and those that cannot.
struct ParquetSchema {
    /// A column that is read.
    struct Field {
        let name: String
        /// The number of the column in every group of rows.
        let leaf: Int
        let physical: ParquetPhysical
        let length: Int
        let isOptional: Bool
        let meaning: ParquetMeaning
    }

    /// The name under which pandas stores an index that has none.
    private static let indexName = "__index_level_"

    private(set) var fields: [Field] = []
    /// The columns that are left out, with the reason.
    private(set) var leftOut: [(name: String, reason: String)] = []
    /// The number of columns in every group of rows.
    private(set) var leaves = 0

    init(_ elements: [ParquetElement]) throws(ParquetFault) {
        guard let root = elements.first, root.physical == nil else { throw .damaged("a schema without a root") }
        guard root.children <= CSV.mostColumns else {
            throw .unsupported("has \(root.children) columns; at most \(CSV.mostColumns) are read")
        }
        var at = 1
        for _ in 0..<root.children {
            guard at < elements.count else { throw .damaged("a schema that is cut short") }
            let element = elements[at]
            let leaf = leaves
            // passes over the whole tree below the element
            var pending = 1
            while pending > 0 {
                guard at < elements.count else { throw .damaged("a schema that is cut short") }
                let next = elements[at]
                if next.physical != nil {
                    guard next.children == 0 else { throw .damaged("a value with columns of its own") }
                    leaves += 1
                }
                // the number of children comes from the file, so the sum may overflow
                let (sum, overflow) = (pending - 1).addingReportingOverflow(next.children)
                guard !overflow, sum <= elements.count else { throw .damaged("a schema that is cut short") }
                pending = sum
                at += 1
            }
            add(element, leaf: leaf)
        }
        guard at == elements.count else { throw .damaged("a schema with columns under no root") }
    }

    private mutating func add(_ element: ParquetElement, leaf: Int) {
        guard let physical = element.physical, !element.isRepeated else {
            let isStructure = element.physical == nil && element.annotation == .none
            leftOut.append((element.name, isStructure ? "it holds structures or lists" : "it holds lists or maps"))
            return
        }
        if let digits = element.name.dropped(prefix: Self.indexName, suffix: "__"), Int(digits) != nil {
            leftOut.append((element.name, "it is the index of pandas"))
            return
        }
        switch ParquetMeaning.of(element, physical) {
        case .success(let meaning):
            fields.append(
                Field(
                    name: element.name, leaf: leaf, physical: physical, length: element.length,
                    isOptional: element.isOptional, meaning: meaning))
        case .failure(let unread): leftOut.append((element.name, "it holds \(unread.content)"))
        }
    }

    /// Notices about the columns that are left out: at most five, and the number of the others.
    func notices(_ path: String) -> [String] {
        let file = escaped(path, limit: 200)
        let named = leftOut.prefix(5).map {
            "\(file): the column \"\(escaped($0.name, limit: 60))\" is left out: \($0.reason)"
        }
        return leftOut.count <= 5 ? named : named + ["\(file): \(leftOut.count - 5) more columns are left out"]
    }
}

extension String {
    /// The text between these ends; nil where it has others.
    fileprivate func dropped(prefix: String, suffix: String) -> Substring? {
        guard hasPrefix(prefix), hasSuffix(suffix), utf8.count >= prefix.utf8.count + suffix.utf8.count else {
            return nil
        }
        return dropFirst(prefix.count).dropLast(suffix.count)
    }
}
