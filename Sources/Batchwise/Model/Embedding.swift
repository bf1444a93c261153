/// A table of vectors, one for each id.
///
/// # Shapes
/// `[batch, length]` of whole numbers in 0..<vocabulary to `[batch, length, width]`. Parameter: `weight`
/// `[vocabulary, width]`, normal with deviation 1 at first, as in PyTorch.
public struct Embedding: PrimitiveLayer {
    /// The number of rows of a table.
    public enum Vocabulary: Hashable, Sendable, ExpressibleByIntegerLiteral {
        /// This many rows.
        case count(Int)
        /// As many rows as there are classes: the next character of a text is one of those before it.
        case classes

        /// `64` stands for `.count(64)`.
        public init(integerLiteral value: Int) { self = .count(value) }
    }

    /// The number of rows of the table: ids are whole numbers from 0 to below it.
    public var vocabulary: Vocabulary
    /// The length of each vector.
    public var width: Int

    /// A table of `vocabulary` vectors of length `width`. `vocabulary` is at most 16,777,216, because a Float holds ids
    /// up to there.
    public init(vocabulary: Vocabulary, width: Int) {
        self.vocabulary = vocabulary
        self.width = width
    }

    /// A table of so many vectors of length `width`.
    public init(vocabulary: Int, width: Int) { self.init(vocabulary: .count(vocabulary), width: width) }

    /// Adds the table and its lookup to the graph. Throws where `x` is not the model's input, or the table is out of
    /// range.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        let vocabulary =
            switch vocabulary {
            case .count(let count): count
            case .classes: graph.outputs
            }
        guard vocabulary >= 1, width >= 1, width <= .largestSetting, vocabulary <= 1 << 24 else {
            throw .setting(
                at: graph.path,
                "embedding of \(vocabulary) x \(width): give it a width of 1 or more and 1 to 16777216 entries")
        }
        let lengths = x.shape.lengths
        guard x.shape.hasBatch, lengths.count == 1 else {
            throw .shape(at: graph.path, expected: "[batch, length] of ids", found: x.shape)
        }
        guard case .input = graph.recorder.graph.nodes[x.node].operation else {
            throw .unsupported(at: graph.path, "embedding reads ids, so it must be the first layer")
        }
        let table = graph.parameter(
            "weight", [vocabulary, width], .normal(1), layout: .plain, decays: true)
        return x.then(.embedding, with: [table])
    }
}

extension Embedding: NotatedLayer {
    static let notation = "embedding"
    init(from reader: inout RecipeReader) throws(RecipeError) {
        let vocabulary: Vocabulary
        switch reader.value("vocabulary") {
        case .int(let count)? where (1...1 << 24).contains(count): vocabulary = .count(count)
        case .string("classes")?: vocabulary = .classes
        case nil: throw reader.missing("vocabulary", "the number of ids, or classes")
        case let other?:
            throw .value(
                at: reader.at("vocabulary"), expected: "a whole number from 1 to \(1 << 24), or classes",
                found: other.text)
        }
        guard let width = try reader.int("width") else {
            throw reader.missing("width", "the length of each vector")
        }
        self.init(vocabulary: vocabulary, width: width)
    }
    var settings: [RecipeValue.Entry] {
        let rows: RecipeValue =
            switch vocabulary {
            case .count(let count): .int(count)
            case .classes: .string("classes")
            }
        return [.init("vocabulary", rows), .init("width", .int(width))]
    }
}

extension Graph {
    /// Whether a layer reads ids.
    var readsIds: Bool { nodes.contains { if case .embedding = $0.operation { true } else { false } } }

    /// The entries of the smallest table that a layer reads ids for.
    var vocabulary: Int? {
        let sizes = nodes.compactMap { node in
            if case .embedding = node.operation { shape(node.inputs[1]).lengths[0] } else { nil }
        }
        return sizes.min()
    }

    /// Ids must be whole numbers that every table has: seen once, before anything runs.
    func checkIds(in data: Dataset) throws {
        guard let size = vocabulary else { return }
        let ids = UnsafeMutableBufferPointer<Float>.allocate(capacity: data.featureCount)
        defer { ids.deallocate() }
        for example in 0..<data.count {
            try data.fill(ids, rows: CollectionOfOne(example))
            guard let id = ids.first(where: { !($0 >= 0 && $0 < Float(size) && $0 == $0.rounded()) }) else { continue }
            throw PlanError.mismatch(
                "example \(example + 1) has the id \(id), and the embedding reads whole numbers from 0 to \(size - 1): "
                    + "use a larger vocabulary, and for ids in files data.standardise: false")
        }
    }
}
