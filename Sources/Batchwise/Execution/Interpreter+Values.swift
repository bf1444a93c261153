/// The inputs and results of a run of the interpreter.
extension Interpreter {
    /// The batch that a run computes on.
    package struct Batch: Sendable {
        /// Rows of features; images are height, width, channels.
        package var inputs: [Scalar]
        /// Rows of targets; class numbers for softmax. They are not read where the graph has no loss.
        package var targets: [Scalar]
        /// The weight of each example, 1 where nil.
        package var weights: [Scalar]?
        /// The mean weight of the training set; nil where that is the batch.
        package var meanWeight: Double?
        /// The number of each example in its data set, for dropout; 0, 1, 2, ... where empty.
        package var examples: [UInt64]
        /// The dropout key of the seed and the epoch; layers mix their streams into it.
        package var dropoutKey: UInt64

        package init(
            inputs: [Scalar], targets: [Scalar] = [], weights: [Scalar]? = nil, meanWeight: Double? = nil,
            examples: [UInt64] = [], dropoutKey: UInt64 = 0
        ) {
            self.inputs = inputs
            self.targets = targets
            self.weights = weights
            self.meanWeight = meanWeight
            self.examples = examples
            self.dropoutKey = dropoutKey
        }
    }

    /// The numbers of every node after a run.
    package struct Values: Sendable {
        let graph: Graph
        let weights: [Scalar]
        var nodes: [[Scalar]] = []

        /// The values of a node, batch axis first. A reduction that goes on from an earlier one holds the sum so far.
        package subscript(node: Int) -> [Scalar] { nodes[node] }

        package var rows: Int { weights.count }

        /// The model's output.
        package var predictions: [Scalar] { nodes[graph.prediction] }

        /// The gradient of the mean loss, or nil where the graph has none for this parameter.
        package func gradient(of parameter: Int) -> [Scalar]? {
            graph.gradients.first { $0.parameter == parameter }?.reductions.last.map { nodes[$0] }
        }

        /// sum(w_i loss_i) / sum(w_i). The graph must have a loss.
        package var meanLoss: Scalar { weightedMean(ofColumn: 0) }

        /// The weighted fraction of right predictions. The graph must have a loss.
        package var accuracy: Scalar { weightedMean(ofColumn: 1) }

        private func weightedMean(ofColumn column: Int) -> Scalar {
            guard let loss = graph.loss else { preconditionFailure("the graph has no loss") }
            // losses of the program's own have one column
            let (pairs, width) = (nodes[loss], graph.shape(loss).width)
            var sum = 0.0
            var weight = 0.0
            for row in 0..<rows {
                sum += Double(weights[row]) * Double(pairs[width * row + column])
                weight += Double(weights[row])
            }
            return Scalar(sum / weight)
        }
    }
}
