/// One axis of a tensor: the batch, whose length is known only when a program runs, or a fixed length.
public enum Dimension: Hashable, Sendable, CustomStringConvertible {
    /// The axis of the examples, whose length is the number of examples in the micro-batch.
    case batch
    /// An axis of this length.
    case fixed(Int)

    /// The word `batch`, or the length.
    public var description: String {
        switch self {
        case .batch: "batch"
        case .fixed(let length): String(length)
        }
    }
}

/// The axes of a tensor, slowest first. Activations begin with the batch; images are
/// `[batch, height, width, channels]`.
public struct Shape: Hashable, Sendable, CustomStringConvertible {
    /// The axes, slowest first.
    public let dimensions: [Dimension]

    /// A shape of these axes.
    public init(_ dimensions: [Dimension]) {
        self.dimensions = dimensions
    }

    /// A shape whose first axis is the batch.
    package static func batch(_ lengths: [Int]) -> Shape {
        Shape([.batch] + lengths.map { .fixed($0) })
    }

    /// A shape without a batch axis: a parameter's.
    package static func fixed(_ lengths: [Int]) -> Shape {
        Shape(lengths.map { .fixed($0) })
    }

    /// The axis whose numbers are adjacent.
    public var last: Dimension? { dimensions.last }
    /// The number of axes, the batch axis included.
    public var count: Int { dimensions.count }
    /// Whether the first axis is the batch. Parameters have no batch axis.
    public var hasBatch: Bool { dimensions.first == .batch }

    /// The lengths of the axes, in order, without the batch axis.
    public var lengths: [Int] {
        dimensions.compactMap { if case .fixed(let length) = $0 { length } else { nil } }
    }

    /// The number of elements of one example, or of the whole tensor where it has no batch axis.
    public var elements: Int { lengths.reduce(1, *) }

    /// The length of the last axis; 1 where the batch is the only one.
    public var width: Int { lengths.last ?? 1 }

    /// The same shape with another length of the last axis.
    func with(width: Int) -> Shape { Shape(dimensions.dropLast() + [.fixed(width)]) }

    /// The axes in brackets, such as `[batch, 28, 28, 1]`.
    public var description: String { "[" + dimensions.map(\.description).joined(separator: ", ") + "]" }
}
