/// A table of vectors, one for each id.
///
/// # Shapes
/// `[batch, length]` of whole numbers in 0..<vocabulary to `[batch, length, width]`. Parameter: `weight`
/// `[vocabulary, width]`, normal with deviation 1 at first, as in PyTorch.
public struct Embedding: PrimitiveLayer {
    /// The number of rows of the table: ids are whole numbers from 0 to below it.
    public var vocabulary: Int
    /// The length of each vector.
    public var width: Int

    /// A table of `vocabulary` vectors of length `width`. `vocabulary` is at most 16,777,216, because a Float holds ids
    /// up to there.
    public init(vocabulary: Int, width: Int) {
        self.vocabulary = vocabulary
        self.width = width
    }

    /// Adds the table and its lookup to the graph. Throws where `x` is not the model's input, or the table is out of
    /// range.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
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
        guard let vocabulary = try reader.int("vocabulary", in: 1...(1 << 24)) else {
            throw reader.missing("vocabulary", "the number of ids")
        }
        guard let width = try reader.int("width") else {
            throw reader.missing("width", "the length of each vector")
        }
        self.init(vocabulary: vocabulary, width: width)
    }
    var settings: [RecipeValue.Entry] { [.init("vocabulary", .int(vocabulary)), .init("width", .int(width))] }
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
