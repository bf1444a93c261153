extension Graph {
    /// Adds the derivative of every node along a direction in the space of the trainable parameters: forward mode.
    ///
    /// The direction is a parameter of the graph too, one beside each trainable parameter. Where the graph has
    /// gradients g, their tangents are the product of the Hessian and the direction,
    ///
    ///     H v = d/dt g(w + t v) at t = 0,
    ///
    /// forward over reverse: after this, `gradients` holds g for the parameters and H v for their directions. As a
    /// gradient is a sum over the batch, x' dy, so is its tangent: the sum of two, x_t' dy + x' dy_t. At corners (of a
    /// rectifier, a maximum, the Huber loss) one side's derivative is taken, as gradients do; masks of dropout do not
    /// move.
    ///
    /// Throws `GraphError.noTangent` where an operation has none: those that bfloat16 adds, and most of those that this
    /// function adds itself.
    package mutating func appendTangents() throws(GraphError) -> Tangents {
        var builder = TangentBuilder(graph: self)
        try builder.run()
        self = builder.graph
        return builder.tangents
    }
}

/// The nodes and parameters that hold the tangents of a graph.
package struct Tangents: Sendable {
    /// For each parameter that the graph had, the parameter that is its direction; nil for those that do not train.
    package fileprivate(set) var directions: [Int?]
    /// For each node that the graph had, the node of its tangent; nil where that is 0, for reductions, whose tangents
    /// are among the gradients, and for moments, which are part of `normalise`.
    package fileprivate(set) var nodes: [Int?]
}

/// Builds the tangents from the parameters to the gradients; `OperationTraits.addTangent` adds to it.
struct TangentBuilder {
    private(set) var graph: Graph
    fileprivate private(set) var tangents: Tangents
    /// The layer of the node that is being visited, to which the nodes that it adds belong.
    private var path = ""

    fileprivate init(graph: Graph) {
        self.graph = graph
        tangents = Tangents(
            directions: Array(repeating: nil, count: graph.parameters.count),
            nodes: Array(repeating: nil, count: graph.nodes.count))
    }

    fileprivate mutating func run() throws(GraphError) {
        addDirections()
        var terms: [Int: [Int]] = [:]
        for node in tangents.nodes.indices where inputs(of: node).contains(where: { tangent(of: $0) != nil }) {
            path = graph.nodes[node].path
            let operation = graph.nodes[node].operation
            let added = try operation.traits.addTangent(of: node, to: &self)
            if operation.isReduction {
                terms[node] = added
            } else {
                tangents.nodes[node] = addSum(added)
            }
        }
        for gradient in graph.gradients {
            guard let direction = tangents.directions[gradient.parameter] else { continue }
            let reductions = gradient.reductions.flatMap { terms[$0] ?? [] }
            if !reductions.isEmpty { graph.gradients.append(.init(parameter: direction, reductions: reductions)) }
        }
    }

    /// A direction beside every trainable parameter, which lies in memory as that does.
    private mutating func addDirections() {
        for node in tangents.nodes.indices {
            guard case .parameter(let index) = graph.nodes[node].operation, graph.parameters[index].isTrainable else {
                continue
            }
            let direction = tangents.directions[index] ?? addDirection(of: index)
            tangents.directions[index] = direction
            tangents.nodes[node] = graph.append(
                .parameter(direction), [], graph.shape(node), path: graph.nodes[node].path)
        }
    }

    private mutating func addDirection(of parameter: Int) -> Int {
        var direction = graph.parameters[parameter]
        direction.name = "direction of \(direction.name)"
        (direction.initialisation, direction.isTrainable, direction.decays) = (.zeros, false, false)
        graph.parameters.append(direction)
        return graph.parameters.count - 1
    }

    // MARK: Functions for rows of traits

    func inputs(of node: Int) -> [Int] { graph.nodes[node].inputs }

    /// The tangent of an input of the node that is being visited; nil where it is 0.
    func tangent(of node: Int) -> Int? { tangents.nodes[node] }

    func noTangent(of node: Int) -> GraphError {
        .noTangent(at: graph.nodes[node].path, operation: graph.nodes[node].operation.words)
    }

    mutating func add(_ operation: Operation, _ inputs: [Int], _ shape: Shape? = nil) -> Int {
        graph.append(operation, inputs, shape, path: path)
    }

    /// The tangent of an operation that is linear in each of its inputs: for every input that moves, the operation with
    /// that input's tangent in its place.
    mutating func addProductRule(_ operation: Operation, of node: Int) -> [Int] {
        let inputs = inputs(of: node)
        return inputs.indices.compactMap { position in
            guard let tangent = tangent(of: inputs[position]) else { return nil }
            var moved = inputs
            moved[position] = tangent
            return add(operation, moved, graph.shape(node))
        }
    }

    /// The tangent of a product of the first two inputs, to which a bias is added where there is a third.
    mutating func addTangentOfProduct(_ operation: Operation, of node: Int) -> [Int] {
        let inputs = inputs(of: node)
        let (x, weight) = (inputs[0], inputs[1])
        // the bias goes with one of the products
        var bias = inputs.count > 2 ? tangent(of: inputs[2]).map { [$0] } ?? [] : []
        var terms: [Int] = []
        if let direction = tangent(of: weight) {
            terms.append(add(operation, [x, direction] + bias))
            bias = []
        }
        if let dx = tangent(of: x) {
            terms.append(add(operation, [dx, weight] + bias))
            bias = []
        }
        if let bias = bias.first { terms.append(addSpread(bias, like: node)) }
        return terms
    }

    /// Zeros of a node's shape.
    mutating func addZeros(like node: Int) -> Int { add(.unary(.scale(0)), [node]) }

    /// A parameter, repeated over the batch and the axes that it does not have, in a node's shape.
    mutating func addSpread(_ parameter: Int, like node: Int) -> Int {
        add(.binary(.add), [addZeros(like: node), parameter])
    }

    /// The sum of nodes of one shape; nil where there are none.
    private mutating func addSum(_ terms: [Int]) -> Int? {
        guard var sum = terms.first else { return nil }
        for term in terms.dropFirst() { sum = add(.binary(.add), [sum, term]) }
        return sum
    }
}
