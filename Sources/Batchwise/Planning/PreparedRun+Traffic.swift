import CKernels

extension PreparedRun {
    /// The bytes that processes on several machines exchange in an update. A quantity counts as due at every update, and
    /// the look at a gradient whose magnitudes might overflow is left out: a byte a worker, which few updates need.
    package var traffic: UpdateTraffic {
        let rules = execution.rules
        let program = execution.program
        var traffic = UpdateTraffic(layers: Compiler(graph).trafficLayers())
        traffic.guards = program.guards
        traffic.grain = execution.partition.grain
        traffic.grainSumBytes = program.couplings.map { 8 * 2 * $0.stride }
        traffic.gradients = rules.gradients
        if rules.sam != nil { traffic.vectors.append(.gradient) }
        if rules.needsWholeGradient { traffic.vectors.append(.gradient) }
        switch rules.need {
        case .directionNorms, .orthogonalDirections: traffic.vectors.append(.directions)
        case .programStep: traffic.vectors.append(.parameters)
        case .gradientNorms, nil: break
        }
        return traffic
    }

    /// The exchanges of an update of so many examples by the processes of this plan.
    package func exchanges(batch: Int) -> [UpdateTraffic.Exchange] {
        traffic.exchanges(
            batch: batch, workers: execution.division.workers, rounds: execution.division.rounds(rows: batch))
    }

    /// The bytes of an update that each process owns: it receives all others.
    package func ownBytes(batch: Int) -> [Int] {
        let (division, traffic) = (execution.division, traffic)
        let owned = execution.slices(execution.cuts, workers: division.workers)
        let copies = traffic.vectors.count + 1
        var bytes = Array(repeating: 0, count: max(machine.ranks, 1))
        for worker in 0..<division.workers {
            var own = copies * owned.owned[worker].reduce(0) { $0 + 4 * owned.slices[$1].count }
            for round in 0..<division.rounds(rows: batch) {
                let rows = division.rows(ofWorker: worker, in: division.rows(ofRound: round, of: batch))
                own += traffic.gradients * 4 * (rows.count * traffic.rowFloats + traffic.guards)
                guard !traffic.grainSumBytes.isEmpty else { continue }
                let grain = traffic.grain
                let first = rows.lowerBound / grain
                let grains = max(first, (rows.upperBound + grain - 1) / grain) - first
                own += traffic.gradients * grains * traffic.grainSumBytes.reduce(0, +)
            }
            bytes[division.rank(ofWorker: worker)] += own
        }
        return bytes
    }

    /// The bytes of an update that the processes of one machine copy through memory, where none are on another machine:
    /// they share activations, and with most recipes parameters.
    package func copiedBytes(batch: Int) -> Int {
        let (division, traffic) = (execution.division, traffic)
        return exchanges(batch: batch).reduce(0) { sum, exchange in
            switch exchange.kind {
            case .rows: sum + 4 * traffic.gradients * division.rounds(rows: batch) * division.workers * traffic.guards
            case .parameters: sum + (execution.mayShareParameters ? 0 : exchange.bytes)
            case .grainSums, .gradient, .directions: sum + exchange.bytes
            }
        }
    }
}

extension Compiler {
    /// The layers in the order of their gradients, then the layer of the loss, each with the tensors of
    /// `Program.joined` that no layer before it has.
    fileprivate func trafficLayers() -> [UpdateTraffic.Layer] {
        var layers: [UpdateTraffic.Layer] = []
        // the widest tensor at each place counts, once
        var widths: [Int: Int] = [:]
        func add(_ node: Int) {
            let tensor = tensor(node, 16)
            if tensor.offset != Int(BW_NONE) { widths[tensor.offset] = max(widths[tensor.offset] ?? 0, tensor.width) }
        }
        let losses = graph.loss.map { [$0, graph.prediction] } ?? []
        let targets = order.filter { graph.nodes[$0].operation == .target }.prefix(1)
        let reductions = graph.gradients.flatMap(\.reductions)
        for node in reductions { graph.nodes[node].inputs.forEach(add) }
        (graph.statistics.map(\.moments) + losses + targets).forEach(add)
        func take(_ node: Int, for name: String, gradientFloats: Int = 0) {
            let tensor = tensor(node, 16)
            let floats = widths.removeValue(forKey: tensor.offset) ?? 0
            guard floats + gradientFloats > 0 else { return }
            guard let place = layers.firstIndex(where: { $0.name == name }) else {
                return layers.append(.init(name: name, rowFloats: floats, gradientFloats: gradientFloats))
            }
            layers[place].rowFloats += floats
            layers[place].gradientFloats += gradientFloats
        }
        for gradient in graph.gradients {
            for (number, node) in gradient.reductions.enumerated() {
                let name = graph.nodes[node].path
                let floats = number == 0 ? graph.parameters[gradient.parameter].count : 0
                for (place, input) in graph.nodes[node].inputs.enumerated() {
                    take(input, for: name, gradientFloats: place == 0 ? floats : 0)
                }
            }
        }
        for statistic in graph.statistics { take(statistic.moments, for: graph.nodes[statistic.moments].path) }
        for node in losses + targets { take(node, for: "loss") }
        return layers
    }
}
