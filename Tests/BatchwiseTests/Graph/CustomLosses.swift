@testable import Batchwise

/// The mean over outputs of log(cosh(y - t)).
struct LogCosh: CustomLoss {
    var isClassification: Bool { false }

    func lower(predictions: Symbol, targets: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        let distance = predictions - targets
        return (0.5 * (distance.exp() + (-distance).exp())).log().meanLast()
    }
}

/// -(1 - p)^2 log p, p the probability of the class.
struct FocalLoss: CustomLoss {
    var isClassification: Bool { true }

    func lower(predictions: Symbol, targets: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        let probability = (predictions.softmax() * targets).sumLast()
        return -((-probability + 1).square() * probability.log())
    }
}

/// The library's softmax cross-entropy, written as a program would.
struct OwnCrossEntropy: CustomLoss {
    var isClassification: Bool { true }

    func lower(predictions: Symbol, targets: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        -(predictions.softmax().log() * targets).sumLast()
    }
}

/// The library's mean squared error, times a factor.
struct OwnSquaredError: CustomLoss {
    var factor: Float = 1
    var isClassification: Bool { false }

    func lower(predictions: Symbol, targets: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        factor * (predictions - targets).square().meanLast()
    }
}

/// A loss that a test puts together.
struct AnyLoss: CustomLoss {
    var name: String
    var isClassification = true
    var body: @Sendable (Symbol, Symbol, inout GraphBuilder) throws(GraphError) -> Symbol

    static func == (one: AnyLoss, other: AnyLoss) -> Bool { one.name == other.name }
    func hash(into hasher: inout Hasher) { hasher.combine(name) }

    func lower(predictions: Symbol, targets: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        try body(predictions, targets, &graph)
    }
}
