// The two ways of a layer: the rows that its gradient is computed from, or its sums.

extension UpdateTraffic {
    // MARK: Rows

    /// The floats of an example that only this layer needs among those whose rows are exchanged.
    private func ownFloats(of layer: Int, among exchanged: [Bool]) -> Int {
        tensors.reduce(0) { sum, tensor in
            let isOwn =
                !tensor.isWatched && !tensor.isKnown && tensor.readers.contains(layer)
                && !tensor.readers.contains { $0 != layer && exchanged[$0] }
            return sum + (isOwn ? tensor.width : 0)
        }
    }

    /// The floats of an example's rows that are exchanged for each layer where all rows are, each once; the last number
    /// is that of the losses.
    package var rowFloatsByLayer: [Int] {
        var floats = Array(repeating: 0, count: layers.count + 1)
        for tensor in tensors where !tensor.isKnown { floats[tensor.readers.min() ?? layers.count] += tensor.width }
        return floats
    }

    /// The floats of an example's rows where those of all layers are exchanged.
    package var rowFloats: Int { tensors.reduce(0) { $0 + ($1.isKnown ? 0 : $1.width) } }

    /// Whether the rows of a tensor are exchanged where the sums of these layers are handed over.
    func isExchanged(_ tensor: Tensor, _ handed: [Bool]) -> Bool {
        guard !tensor.isKnown else { return false }
        return tensor.isWatched || needsAllRows || tensor.readers.contains { !handed[$0] }
    }

    func exchangedFloats(_ handed: [Bool]) -> Int {
        tensors.reduce(0) { $0 + (isExchanged($1, handed) ? $1.width : 0) }
    }

    // MARK: Sums

    /// The sums that are under way from each process to the next, for every number of a gradient: those of the lanes that
    /// stand in their tree there.
    func sumsUnderWay(_ division: WorkDivision, batch: Int) -> [Int] {
        var starts = Array(repeating: 0, count: order.lanes + 1)
        let lanes = starts.withUnsafeMutableBufferPointer { order.fill($0, rows: batch) }
        let (ranks, rounds) = (division.workers / division.own.count, division.rounds(rows: batch))
        var sums: [Int] = []
        for round in 0..<rounds {
            let rows = division.rows(ofRound: round, of: batch)
            for rank in 0..<ranks where rank < ranks - 1 || round < rounds - 1 {
                let end = division.rows(ofRank: rank, in: rows).upperBound
                sums.append(SumOrder.underWay(at: end, starts: starts[...lanes]))
            }
        }
        return sums
    }

    /// The layers whose sums are handed over, for that moves fewer bytes than the exchange of their rows.
    func handedLayers(batch: Int, _ division: WorkDivision) -> [Bool] {
        var handed = layers.map { _ in false }
        let ranks = division.workers / division.own.count
        guard ranks > 1, !needsAllRows else { return handed }
        let moves = sumsUnderWay(division, batch: batch).reduce(0, +)
        var hasChanged = true
        while hasChanged {
            hasChanged = false
            for (index, layer) in layers.enumerated() where !handed[index] && layer.gradientFloats > 0 {
                let floats = ownFloats(of: index, among: handed.map(!))
                let sums = moves * layer.gradientFloats + layer.gradientFloats * (ranks - 1) / ranks
                guard (ranks - 1) * batch * floats > sums else { continue }
                (handed[index], hasChanged) = (true, true)
            }
        }
        return handed
    }
}
