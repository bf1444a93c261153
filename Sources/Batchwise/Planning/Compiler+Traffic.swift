import CKernels

extension Compiler {
    /// The layers in the order of their gradients, and the tensors that are read of an example after its backward pass.
    ///
    /// - Parameter knowsExamples: whether features and targets are in the memory of every process as layers read them.
    func traffic(knowsExamples: Bool) -> UpdateTraffic {
        var (layers, tensors) = ([UpdateTraffic.Layer](), [UpdateTraffic.Tensor]())
        func note(_ node: Int, reader: Int? = nil) {
            let tensor = tensor(node, 16)
            guard tensor.offset != Int(BW_NONE) else { return }
            let place = tensor.offset / 16
            let found = tensors.firstIndex { $0.place == place }
            let index = found ?? tensors.count
            if found == nil { tensors.append(.init(place: place, width: 0)) }
            // the widest tensor at each place counts, once
            tensors[index].width = max(tensors[index].width, tensor.width)
            tensors[index].isKnown = (found == nil || tensors[index].isKnown) && knowsExamples && isExample(node)
            guard let reader else {
                tensors[index].isWatched = true
                return
            }
            if !tensors[index].readers.contains(reader) { tensors[index].readers.append(reader) }
        }
        for gradient in graph.gradients {
            for (number, node) in gradient.reductions.enumerated() {
                let name = graph.nodes[node].path
                let layer = layers.firstIndex { $0.name == name } ?? layers.count
                if layer == layers.count { layers.append(.init(name: name, gradientFloats: 0)) }
                for input in graph.nodes[node].inputs { note(input, reader: layer) }
                guard number == 0 else { continue }
                layers[layer].gradientFloats += graph.parameters[gradient.parameter].count
                layers[layer].parameters.append(gradient.parameter)
            }
            // a parameter with several uses has one sum, which is handed over where all its rows may stay
            for (number, node) in gradient.reductions.enumerated() where number > 0 {
                guard let owner = layers.firstIndex(where: { $0.parameters.contains(gradient.parameter) }) else {
                    continue
                }
                for input in graph.nodes[node].inputs { note(input, reader: owner) }
            }
        }
        for statistic in graph.statistics { note(statistic.moments) }
        if let loss = graph.loss { note(loss) }
        if graph.hasProgramLoss {
            // whether predictions are right is seen beside the targets
            note(graph.prediction)
            for node in order where graph.nodes[node].operation == .target { note(node) }
        }
        return UpdateTraffic(layers: layers, tensors: tensors)
    }

    /// Whether a node's memory holds features or targets as they are gathered, in whichever shape.
    private func isExample(_ node: Int) -> Bool {
        var node = node
        while graph.nodes[node].operation.traits.keepsNumbers, owner[graph.nodes[node].inputs[0]] == owner[node] {
            node = graph.nodes[node].inputs[0]
        }
        return [.input, .target].contains(graph.nodes[node].operation)
    }
}
