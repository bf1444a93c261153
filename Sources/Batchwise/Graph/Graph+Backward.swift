extension Graph {
    /// Adds the loss, and the gradients of every trainable parameter, to a graph that ends in `prediction`.
    ///
    /// A transformation of the graph: nodes are visited from the loss back, each adding the operations that carry the
    /// gradient to its inputs. Nodes that no trainable parameter feeds are left out, so the first layer's input never
    /// gets a gradient. Throws `GraphError.noGradient` where the prediction depends on a parameter through an operation
    /// that has no gradient.
    package mutating func appendLoss(_ loss: Loss, targetWidth: Int, withGradients: Bool) throws(GraphError) {
        let target = append(.target, [], .batch(targetWidth == 0 ? [] : [targetWidth]), path: "loss")
        if case .ofProgram(let program) = loss {
            let losses = try lower(program, target: target, purpose: withGradients ? .training : .inference)
            self.loss = losses
            guard withGradients else { return }
            // the slope of sum(w_i loss_i) / (n w) along the loss of an example is its weight there
            let weight = append(.exampleWeight, [], .batch([]), path: "loss")
            return try appendGradients(append(.reshape, [weight], .batch([1]), path: "loss"), of: losses)
        }
        self.loss = append(.loss(loss), [prediction, target], path: "loss")
        guard withGradients else { return }
        let weight = append(.exampleWeight, [], .batch([]), path: "loss")
        try appendGradients(append(.lossGradient(loss), [prediction, target, weight], path: "loss"), of: prediction)
    }

    /// Adds the gradients of the nodes up to `node`, whose own gradient is the node `slope`.
    private mutating func appendGradients(_ slope: Int, of node: Int) throws(GraphError) {
        var backward = Backward(graph: self)
        try backward.run(from: slope, of: node)
        self = backward.graph
    }

    /// Adds a node. Its shape need not be given where the operation and its inputs tell it.
    @discardableResult
    mutating func append(_ operation: Operation, _ inputs: [Int], _ shape: Shape? = nil, path: String) -> Int {
        guard let shape = shape ?? operation.traits.shape(of: inputs.map { self.shape($0) }) else {
            // sources, `reshape`, `spreadLast` and the sums shaped as a parameter need a shape from the caller
            preconditionFailure("\(operation) of layer \(path) was added without its shape")
        }
        nodes.append(Node(operation: operation, inputs: inputs, shape: shape, path: path))
        return nodes.count - 1
    }
}

/// Builds the operations from the loss back to the parameters; `OperationTraits.addGradient` adds to it.
struct Backward {
    private(set) var graph: Graph
    /// The gradient of the loss with respect to each node reached so far.
    private var adjoints: [Int: Int] = [:]
    /// Whether a trainable parameter feeds the node.
    private let needed: [Bool]
    private var reductions: [[Int]]
    /// The layer of the node that is being visited, to which the nodes that it adds belong.
    private var path = ""

    init(graph: Graph) {
        self.graph = graph
        var needed = [Bool](repeating: false, count: graph.nodes.count)
        for (index, node) in graph.nodes.enumerated() {
            if case .parameter(let parameter) = node.operation {
                needed[index] = graph.parameters[parameter].isTrainable
            } else {
                needed[index] = node.inputs.contains { needed[$0] }
            }
        }
        self.needed = needed
        reductions = Array(repeating: [], count: graph.parameters.count)
    }

    /// Visits the nodes from `last`, whose gradient is the node `slope`, to the first one.
    mutating func run(from slope: Int, of last: Int) throws(GraphError) {
        adjoints[last] = slope
        for node in stride(from: last, through: 0, by: -1) where needed[node] {
            guard let dy = adjoints[node] else { continue }
            path = graph.nodes[node].path
            try graph.nodes[node].operation.traits.addGradient(dy, of: node, to: &self)
        }
        for (parameter, terms) in reductions.enumerated() where !terms.isEmpty {
            graph.gradients.append(.init(parameter: parameter, reductions: terms))
        }
    }

    func inputs(of node: Int) -> [Int] { graph.nodes[node].inputs }

    /// Whether a trainable parameter feeds a node of the forward graph.
    func isNeeded(_ node: Int) -> Bool { needed[node] }

    func noGradient(of node: Int) -> GraphError {
        .noGradient(at: graph.nodes[node].path, operation: graph.nodes[node].operation.words)
    }

    /// Adds a node of the backward graph.
    mutating func add(_ operation: Operation, _ inputs: [Int], _ shape: Shape? = nil) -> Int {
        graph.append(operation, inputs, shape, path: path)
    }

    /// Adds `slope` to the gradient with respect to `node`.
    mutating func accumulate(_ slope: Int, into node: Int) {
        if let earlier = adjoints[node] {
            adjoints[node] = add(.binary(.add), [earlier, slope])
        } else {
            adjoints[node] = slope
        }
    }

    /// Ends the batch: `operation` over `inputs` is a term of the gradient of the parameter at `node`.
    mutating func addReduction(_ operation: Operation, _ inputs: [Int], of node: Int) throws(GraphError) {
        guard needed[node] else { return }
        guard case .parameter(let parameter) = graph.nodes[node].operation else { throw noGradient(of: node) }
        reductions[parameter].append(add(operation, inputs, graph.shape(node)))
    }
}
