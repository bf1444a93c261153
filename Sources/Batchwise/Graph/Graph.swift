/// A computation over a batch of any size: nodes in an order in which each comes after its inputs.
package struct Graph: Sendable {
    package struct Node: Sendable {
        package var operation: Operation
        package var inputs: [Int]
        package var shape: Shape
        /// The path of the layer that added the node, for messages.
        package var path: String
    }

    /// A gradient of a parameter: the sum of these reductions, in this order.
    package struct Gradient: Sendable {
        package var parameter: Int
        package var reductions: [Int]
    }

    /// Running statistics of one batch normalisation: `mean` and `variance` are indices of parameters.
    package struct Statistic: Sendable {
        package var moments, mean, variance: Int
        package var momentum: Float
        package var normalisation: Normalisation
    }

    package var nodes: [Node] = []
    package var parameters: [Parameter] = []
    package var statistics: [Statistic] = []
    /// The model's output: logits or predictions.
    package var prediction = -1
    /// The loss node, where the graph has one.
    package var loss: Int?
    package var gradients: [Gradient] = []
    /// The numbers that products of dense layers multiply.
    package var precision = Precision.float32

    package func shape(_ node: Int) -> Shape { nodes[node].shape }

    /// Multiplications of a product with weights for one example; 0 for every other operation.
    func multiplications(of node: Node) -> Double {
        node.operation.traits.multiplications(node.shape, node.inputs.map { shape($0) })
    }
}

/// A named array of numbers that the model owns.
package struct Parameter: Sendable, Hashable {
    /// How the numbers lie in memory here, against how files hold them.
    package enum Layout: Sendable, Hashable {
        case plain
        /// Here [in, out]; in files [out, in].
        case dense
        /// Here [groups, kH, kW, in/groups, out/groups]; in files [out, in/groups, kH, kW].
        case convolution
    }

    package var name: String
    package var shape: [Int]
    package var initialisation: Initialisation
    package var layout: Layout = .plain
    /// False for frozen parameters and for running statistics.
    package var isTrainable = true
    /// Running statistics are saved with the model, and change without a gradient.
    package var isStatistic = false
    /// Whether weight decay applies: not to biases, gains and shifts.
    package var decays = false

    package var count: Int { shape.reduce(1, *) }
}
