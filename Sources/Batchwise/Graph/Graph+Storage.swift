// Transformations of a finished training graph that change how numbers are stored and read, but not the formula that is
// computed.

extension Graph {
    /// Lets dense layers read sparse rows as they are, where nothing else reads the features.
    mutating func readSparseRows() {
        guard let input = nodes.firstIndex(where: { $0.operation == .input }), input != prediction else { return }
        for node in nodes {
            for (position, source) in node.inputs.enumerated() where source == input {
                guard node.operation.traits.readsSparseRows, position == 0, shape(input).count == 2 else { return }
            }
        }
        nodes[input].operation = .sparseInput
    }

    /// Makes the products of dense layers multiply bfloat16 numbers. Narrow layers and those that read sparse rows keep
    /// float32, and so do gradients of weights that are used in several places: their sums go example by example.
    mutating func multiplyInBFloat16() {
        precision = .bfloat16
        var paired: [Int: Int] = [:]
        let storage = weightStorages()
        for gradient in gradients where gradient.reductions.count == 1 && storage[gradient.parameter] == .panels {
            let reduction = gradient.reductions[0]
            guard nodes[reduction].operation == .denseWeightGradient,
                nodes[nodes[reduction].inputs[0]].operation != .sparseInput
            else { continue }
            nodes[reduction].inputs = nodes[reduction].inputs.map { input in
                if let known = paired[input] { return known }
                paired[input] = append(.pairRows, [input], path: nodes[reduction].path)
                return nodes.count - 1
            }
        }
    }
}
