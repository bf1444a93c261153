@testable import Batchwise

/// A training graph with tangents, at a point and along a direction. The checks compute the tangents also by
/// differences along the direction.
struct TangentCheck {
    let check: GradientCheck
    let graph: Graph
    let tangents: Tangents
    /// The direction: a number for every number of the trainable parameters, by index of the parameter; nil for
    /// parameters that are not trained.
    var direction: [[Double]?]

    init(_ example: GradientCase) throws {
        try self.init(GradientCheck(example), named: example.name)
    }

    init(_ check: GradientCheck, named name: String) throws {
        self.check = check
        var graph = check.training
        tangents = try graph.appendTangents()
        self.graph = graph
        direction = TangentCheck.direction(check.training, "direction for \(name)")
    }

    static func direction(_ graph: Graph, _ seed: String) -> [[Double]?] {
        var numbers = TestNumbers(seed)
        return graph.parameters.map { $0.isTrainable ? numbers.normals($0.count) : nil }
    }

    /// The values of all nodes with their tangents. A test may hand in a graph that has been tampered with.
    func values(of graph: Graph? = nil) -> Interpreter<Double>.Values {
        let parameters = check.parameters + direction.compactMap { $0 }
        return Interpreter(graph: graph ?? self.graph, parameters: parameters).run(check.batch, rows: check.rows)
    }

    /// H v by name of parameter, from the graph.
    func hessianVectorProduct(of graph: Graph? = nil) -> NamedGradients {
        let values = values(of: graph)
        var products: NamedGradients = [:]
        for (index, parameter) in check.training.parameters.enumerated() {
            products[parameter.name] = tangents.directions[index].flatMap { values.gradient(of: $0) }
        }
        return products
    }

    /// The derivative of arrays f of numbers along the direction, by central differences of two widths whose errors of order
    /// h^2 cancel: (8 (f(w + h v) - f(w - h v)) - (f(w + 2h v) - f(w - 2h v))) / 12h.
    func difference(_ f: (Interpreter<Double>.Values) -> [[Double]]) -> [[Double]] {
        let h = 1e-5
        func moved(_ h: Double) -> [[Double]] {
            let parameters = zip(check.parameters, direction).map { w, v in
                v.map { zip(w, $0).map { $0 + h * $1 } } ?? w
            }
            return f(Interpreter(graph: check.training, parameters: parameters).run(check.batch, rows: check.rows))
        }
        let (near, far) = ((moved(h), moved(-h)), (moved(2 * h), moved(-2 * h)))
        return near.0.indices.map { array in
            near.0[array].indices.map {
                (8 * (near.0[array][$0] - near.1[array][$0]) - (far.0[array][$0] - far.1[array][$0])) / (12 * h)
            }
        }
    }

    /// H v by name of parameter, from differences of the graph's gradients.
    func differencesOfGradients() -> NamedGradients {
        let gradients = check.training.gradients
        let found = difference { values in gradients.map { values.gradient(of: $0.parameter) ?? [] } }
        var products: NamedGradients = [:]
        for (gradient, product) in zip(gradients, found) {
            products[check.training.parameters[gradient.parameter].name] = product
        }
        return products
    }

    /// u' H v for another direction u.
    func product(with u: [[Double]?]) -> Double {
        let values = values()
        return u.enumerated().reduce(0.0) { sum, entry in
            guard let u = entry.element, let direction = tangents.directions[entry.offset],
                let product = values.gradient(of: direction)
            else { return sum }
            return sum + zip(u, product).reduce(0.0) { $0 + $1.0 * $1.1 }
        }
    }
}
