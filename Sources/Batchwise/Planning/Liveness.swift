// The nodes that run, the lifetime of each tensor, and the nodes that work in place.

extension Graph {
    /// The row nodes that the loss, the prediction, the gradients and the statistics need, in order.
    func liveRowNodes() -> [Int] {
        var live = [Bool](repeating: false, count: nodes.count)
        live[prediction] = true
        if let loss { live[loss] = true }
        for reduction in gradients.flatMap(\.reductions) {
            for node in [reduction] + nodes[reduction].inputs { live[node] = true }
        }
        for statistic in statistics { live[statistic.moments] = true }
        for index in nodes.indices.reversed() where live[index] {
            for input in nodes[index].inputs { live[input] = true }
        }
        // a batch is gathered whole, even where a model does not look at all of it
        return nodes.indices.filter { index in
            switch nodes[index].operation.traits.ownership {
            case .elsewhere: false
            case .gathered: true
            case .own, .replaces, .view: live[index]
            }
        }
    }

    /// The step of `order` after which nothing reads each node's tensor; the end for tensors that an update reads
    /// later.
    func lastUses(_ order: [Int]) -> [Int] {
        var last = [Int](repeating: -1, count: nodes.count)
        for (step, node) in order.enumerated() {
            last[node] = max(last[node], step)
            for input in nodes[node].inputs { last[input] = step }
        }
        let end = order.count
        last[prediction] = end
        if let loss { last[loss] = end }
        if hasProgramLoss {
            // accuracy compares predictions with targets after all has run
            for node in order where nodes[node].operation == .target { last[node] = end }
        }
        for gradient in gradients {
            for reduction in gradient.reductions { for input in nodes[reduction].inputs { last[input] = end } }
        }
        for statistic in statistics { last[statistic.moments] = end }
        // a view lives as long as what is seen through it
        for node in order.reversed() where nodes[node].operation.traits.ownership == .view {
            last[nodes[node].inputs[0]] = max(last[nodes[node].inputs[0]], last[node])
        }
        return last
    }

    /// The node whose memory each node uses: a view its input's, an element-wise operation its input's where no other
    /// node reads that later.
    func owners(_ order: [Int], _ lastUse: [Int]) -> [Int] {
        var owner = Array(nodes.indices)
        // how long the memory of an owner is needed, over all that live in it
        var until = lastUse
        for (step, node) in order.enumerated() {
            let inputs = nodes[node].inputs
            switch nodes[node].operation.traits.ownership {
            case .view:
                owner[node] = owner[inputs[0]]
            case .replaces(let position):
                let root = owner[inputs[position]]
                guard until[root] == step, shape(root).elements == shape(node).elements, isWritable(root) else {
                    continue
                }
                owner[node] = root
            case .own, .gathered, .elsewhere: continue
            }
            until[owner[node]] = max(until[owner[node]], lastUse[node])
        }
        return owner
    }

    /// Whether the loss is one of the program's own, lowered to operations.
    var hasProgramLoss: Bool {
        guard let loss else { return false }
        return if case .loss = nodes[loss].operation { false } else { true }
    }

    private func isWritable(_ node: Int) -> Bool {
        switch nodes[node].operation.traits.ownership {
        case .gathered, .elsewhere: false
        case .own, .replaces, .view: true
        }
    }
}
