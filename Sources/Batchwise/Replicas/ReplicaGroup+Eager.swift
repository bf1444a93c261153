// Eager outer steps, whose mean travels during the next updates: see OuterOptimizer.

extension ReplicaGroup {
    /// Moves the outer model by the mean that has come meanwhile, and each replica by its own newest change in place of the
    /// old one; then sends the new changes on their way.
    ///
    /// - Parameters:
    ///   - examples: the examples that each replica has seen since the fragment's last outer step.
    ///   - isFirst: whether no mean of the fragment is on its way.
    ///   - isLast: whether the run ends, so that the new mean is waited for, and all replicas come to one model.
    func stepEagerly(_ fragment: Int, examples: [Int], isFirst: Bool, isLast: Bool) {
        let exchange = exchanges[fragment]
        exchange.finish()
        let total = Double(examples.reduce(0, +))
        for piece in exchange.pieces {
            if !isFirst { takeMean(piece) }
            for replica in own { step(replica, piece, weight: Double(examples[replica.number]) / total) }
        }
        sendShares(exchange)
        if isLast {
            exchange.finish()
            exchange.pieces.forEach(settle)
        }
        flipMirrors()
    }

    /// Returns when all means that are on their way have come.
    func finishExchanges() { for exchange in exchanges { exchange.finish() } }

    /// Moves the outer model by the mean; running statistics become it.
    private func takeMean(_ piece: ParameterPiece) {
        guard case .outer(let optimizer) = outer.rule, let mean = outer.mean.map({ $0 + piece.offset }) else { return }
        let model = outer.parameters + piece.offset
        guard piece.isTrained else { return model.update(from: mean, count: piece.count) }
        optimizer.step(model, velocity: outer.velocity.map { $0 + piece.offset }, count: piece.count) {
            Double(mean[$0])
        }
    }

    /// Moves a replica by d_r(t) + (sum_s d_s(t - 1) - d_r(t - 1)). Its running statistics stay its own.
    private func step(_ replica: Replica, _ piece: ParameterPiece, weight: Double) {
        guard case .outer(let optimizer) = outer.rule, let mean = outer.mean.map({ $0 + piece.offset }),
            let eager = replica.eager
        else { return }
        let parameters = replica.parameters + piece.offset
        let (base, share) = (eager.base + piece.offset, eager.share + piece.offset)
        guard piece.isTrained else {
            for index in 0..<piece.count { share[index] = Float(weight * Double(parameters[index])) }
            return
        }
        optimizer.step(base, velocity: eager.velocity.map { $0 + piece.offset }, count: piece.count) { index in
            let new = Float(weight * (Double(base[index]) - Double(parameters[index])))
            let others = Double(mean[index]) - Double(share[index])
            share[index] = new
            return Double(new) + others
        }
        parameters.update(from: base, count: piece.count)
    }

    private func sendShares(_ exchange: SliceExchange) {
        guard let mean = outer.mean else { return }
        let shares = own.map { replica in replica.eager?.share ?? replica.parameters }
        exchange.begin(shares, result: mean) { piece, shares, mean in
            for index in 0..<piece.count {
                var sum = 0.0
                for share in shares { sum += Double(share[index]) }
                mean[index] = Float(sum)
            }
        }
    }

    /// Takes the mean that has just come, and lets all replicas go on from the outer model.
    private func settle(_ piece: ParameterPiece) {
        takeMean(piece)
        let model = outer.parameters + piece.offset
        if piece.isTrained { outer.mean?.advanced(by: piece.offset).update(repeating: 0, count: piece.count) }
        for replica in own {
            guard let eager = replica.eager else { continue }
            (eager.base + piece.offset).update(from: model, count: piece.count)
            (replica.parameters + piece.offset).update(from: model, count: piece.count)
            (eager.share + piece.offset).update(repeating: 0, count: piece.count)
            if let velocity = eager.velocity, let outer = outer.velocity {
                (velocity + piece.offset).update(from: outer + piece.offset, count: piece.count)
            }
        }
    }
}
