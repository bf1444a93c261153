extension Plan {
    /// The parameters and the tensors of one layer in the memory of a plan.
    public struct Layer: Sendable, Hashable, Codable {
        /// A tensor that a layer, or the gradient of a layer, writes.
        public struct Tensor: Sendable, Hashable, Codable {
            /// The operation that writes the tensor: `dense`, `unary gradient`.
            public var name: String
            /// The length of the tensor for one example, in floats.
            public var floats: Int
            /// The bytes of the tensor over all micro-batches in work; 0 for a view, and for a tensor that is written
            /// over its own input.
            public var bytes: Int
        }

        /// The layer as messages name it: its place in the model, and its kind.
        public var name: String
        /// The number of elements of the layer's parameters and running statistics.
        public var parameters: Int
        /// The tensors of the layer, in the order in which they are computed.
        public var tensors: [Tensor]
        /// The bytes of all tensors of the layer. Tensors of different layers share memory where they are not needed at
        /// the same time.
        public var bytes: Int
        /// The bytes of the layer's tensors that are in use at the moment of the pass at which the arena is fullest.
        public var peakBytes: Int
    }
}

extension Graph {
    /// The tensors of each layer in the memory of a plan, in the order in which they are computed.
    func layerMemory(_ plan: ExecutionPlan) -> [Plan.Layer] {
        Compiler(self).layerMemory(bytesOfAFloat: 4 * plan.arenas * ((plan.program.capacity + 15) / 16 * 16))
    }
}

extension Compiler {
    /// The tensors of each layer, where a float an example takes so many bytes.
    fileprivate func layerMemory(bytesOfAFloat scale: Int) -> [Plan.Layer] {
        let peak = fullestStep
        var layers: [Plan.Layer] = []
        var places: [String: Int] = [:]
        func layer(_ path: String) -> Int {
            if let place = places[path] { return place }
            layers.append(Plan.Layer(name: path, parameters: 0, tensors: [], bytes: 0, peakBytes: 0))
            places[path] = layers.count - 1
            return layers.count - 1
        }
        for (number, node) in graph.nodes.enumerated() {
            let index = layer(name(number))
            if case .parameter(let parameter) = node.operation {
                layers[index].parameters += graph.parameters[parameter].count
            }
        }
        for node in order {
            let floats = graph.shape(node).elements
            let index = layer(name(node))
            let isOwn = owner[node] == node
            layers[index].tensors.append(
                .init(name: graph.nodes[node].operation.words, floats: floats, bytes: isOwn ? floats * scale : 0))
            guard isOwn, let place = self.places[node] else { continue }
            layers[index].bytes += floats * scale
            if tensors[place].first <= peak, peak <= tensors[place].last { layers[index].peakBytes += floats * scale }
        }
        return layers
    }

    /// The layer of a node; features belong to none.
    private func name(_ node: Int) -> String {
        [.input, .sparseInput].contains(graph.nodes[node].operation)
            ? "input" : graph.nodes[node].path
    }

    /// The step at which the tensors in use hold the most floats.
    private var fullestStep: Int {
        var changes = [Int](repeating: 0, count: order.count + 2)
        for tensor in tensors {
            changes[tensor.first] += tensor.floats
            changes[min(tensor.last, order.count) + 1] -= tensor.floats
        }
        var (step, most, held) = (0, 0, 0)
        for (index, change) in changes.enumerated() {
            held += change
            if held > most { (step, most) = (index, held) }
        }
        return step
    }
}
