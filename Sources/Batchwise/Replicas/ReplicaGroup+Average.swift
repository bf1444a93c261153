// The averages of replicas: see Replicas.

extension ReplicaGroup {
    /// Averages a fragment of the model, and lets all replicas go on from there. `examples` are those that each replica has
    /// seen since the fragment's last average.
    func average(_ fragment: Int, examples: [Int]) {
        guard replicas.compression == nil else { return averageCompressed(fragment, examples: examples) }
        let total = Double(examples.reduce(0, +))
        combine(exchanges[fragment], weights: examples.map { Double($0) }) { piece, sum in
            self.outer.step(piece, sum, examples: total, areChanges: false)
        }
        for piece in exchanges[fragment].pieces {
            for replica in own {
                (replica.parameters + piece.offset).update(
                    from: outer.parameters + piece.offset, count: piece.count)
            }
        }
        flipMirrors()
    }

    /// Moves the centre of EASGD, and computes the change towards it that the next update of each replica makes as well.
    func attract(_ strength: Float) {
        for exchange in exchanges {
            for piece in exchange.pieces where piece.isTrained {
                let centre = outer.parameters + piece.offset
                for replica in own {
                    guard let pull = replica.pull.map({ $0 + piece.offset }) else { continue }
                    let parameters = replica.parameters + piece.offset
                    for index in 0..<piece.count { pull[index] = strength * (parameters[index] - centre[index]) }
                }
            }
            combine(exchange, weights: Array(repeating: 1, count: placement.count)) { piece, sum in
                self.outer.attract(piece, sum, replicas: self.placement.count, strength: strength)
            }
        }
    }

    /// Calls `body` with short runs of the model and the weighted sums of all replicas' numbers, in the process that
    /// changes them; then every process has what they are changed to.
    private func combine(
        _ exchange: SliceExchange, weights: [Double],
        _ body: @escaping (ParameterPiece, _ sum: UnsafePointer<Double>) -> Void
    ) {
        exchange.begin(own.map(\.parameters), result: outer.parameters) { piece, replicas, _ in
            let most = 1 << 12
            withUnsafeTemporaryAllocation(of: Double.self, capacity: most) { buffer in
                guard let sum = buffer.baseAddress else { return }
                for start in stride(from: 0, to: piece.count, by: most) {
                    let run = ParameterPiece(
                        offset: piece.offset + start, count: min(most, piece.count - start), isTrained: piece.isTrained)
                    sum.initialize(repeating: 0, count: run.count)
                    for (replica, weight) in zip(replicas, weights) {
                        for index in 0..<run.count { sum[index] += weight * Double(replica[start + index]) }
                    }
                    body(run, sum)
                }
            }
        }
        exchange.finish()
    }
}
