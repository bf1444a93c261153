/// An error in computing a quantity.
public enum QuantityError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Two quantities of a run have the same name.
    case repeatedName(String)
    /// The model has no products of its Hessian and a direction, for the given reason.
    case noTangent(quantity: String, reason: String)
    /// A product of the Hessian and a direction has a number that is not finite.
    case productNotFinite
    /// The layer normalises examples of a batch together, so no example has a gradient of its own.
    case coupledExamples(quantity: String, layer: String)
    /// In bfloat16 the layer reads rows of two neighbouring examples as pairs, so their gradients cannot be told apart.
    case pairedExamples(quantity: String, layer: String)
    /// A value was computed from numbers that are not among the quantity's needs.
    case notAmongNeeds(UpdateNeeds)

    /// One line for a person: the quantity, the reason, and what to do about it.
    public var description: String {
        switch self {
        case .repeatedName(let name):
            "two quantities have the name \(name): give each a name of its own"
        case .noTangent(let quantity, let reason):
            "quantity \(quantity) needs products of the Hessian, and \(reason)"
        case .productNotFinite:
            "a product of the Hessian and a direction is not finite: use a shorter direction"
        case .coupledExamples(let quantity, let layer):
            "quantity \(quantity) needs gradients of single examples, and layer \(layer) normalises examples of a batch "
                + "together: use group-norm or layer-norm, or the squared norms of lanes"
        case .pairedExamples(let quantity, let layer):
            "quantity \(quantity) needs gradients of single examples, and layer \(layer) reads an odd number of rows of "
                + "each in pairs: use precision: float32"
        case .notAmongNeeds(let need):
            "a quantity was computed from \(need.text), which its needs do not name: add it to them"
        }
    }
}

extension UpdateNeeds {
    /// For messages.
    fileprivate var text: String {
        let names: [(UpdateNeeds, String)] = [
            (.gradientNorms, "gradientNorms"), (.gradient, "gradient"), (.changeNorms, "changeNorms"),
            (.parameters, "parameters"), (.exampleNorms, "exampleNorms"), (.laneNorms, "laneNorms"),
            (.tangent, "tangent"),
        ]
        return names.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
    }
}

extension Graph {
    /// Refuses quantities that this model or build cannot give.
    func check(_ quantities: [any Quantity]) throws(QuantityError) {
        var names: Set<String> = []
        for quantity in quantities {
            let name = quantity.name
            guard names.insert(name).inserted else { throw .repeatedName(name) }
            guard quantity.needs.contains(.exampleNorms) else { continue }
            for node in nodes {
                switch node.operation {
                case .moments(.ghost), .moments(.batch): throw .coupledExamples(quantity: name, layer: node.path)
                default: continue
                }
            }
            if let layer = layerOfPairedExamples { throw .pairedExamples(quantity: name, layer: layer) }
        }
    }

    /// The first layer whose weight gradient reads an odd number of rows an example in pairs, but for a single row:
    /// then rows are examples, and each can be read alone.
    var layerOfPairedExamples: String? {
        for gradient in gradients {
            for reduction in gradient.reductions {
                let x = nodes[reduction].inputs[0]
                guard nodes[x].operation == .pairRows else { continue }
                let rows = shape(x).elements / shape(x).width
                if rows % 2 == 1, rows > 1 || gradient.reductions.count > 1 { return nodes[reduction].path }
            }
        }
        return nil
    }
}
