// The part of a checkpoint that holds replicas, wherever they are.

extension ReplicaGroup {
    private static let outerName = "outer.velocity"
    private static let meanName = "outer.mean"

    /// The vectors of all replicas and of the outer optimizer by name: in the first process, which writes them.
    func vectors(_ optimizer: Optimizer) -> [String: [[Float]]] {
        var vectors: [String: [[Float]]] = [:]
        let isFirst = communicator?.rank ?? 0 == 0
        finishExchanges()
        if let velocity = outer.velocity {
            if !replicas.isEager { joinSlices(of: velocity) }
            if isFirst { vectors[Self.outerName] = layout.values(velocity) }
        }
        if isFirst, let mean = outer.mean { vectors[Self.meanName] = layout.values(mean) }
        let away = communicator == nil ? nil : UnsafeMutablePointer<Float>.allocate(capacity: layout.count)
        defer { away?.deallocate() }
        for number in 0..<placement.count {
            let replica = own.first { $0.number == number }
            for (index, name) in Replica.names(number, replicas, optimizer).enumerated() {
                guard let numbers = replica?.vectors(replicas, optimizer)[index].values ?? away else { continue }
                let (rank, count) = (placement.rank(of: number), layout.count)
                communicator?.exchange { part in
                    part(rank, UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(start: numbers, count: count)))
                }
                if isFirst { vectors[name] = layout.values(numbers) }
            }
        }
        return vectors
    }

    /// Brings the slices of a vector that other processes change.
    private func joinSlices(of vector: UnsafeMutablePointer<Float>) {
        communicator?.exchange { part in
            for exchange in exchanges {
                for (process, pieces) in exchange.slices.enumerated() {
                    for piece in pieces {
                        let numbers = UnsafeMutableBufferPointer(start: vector + piece.offset, count: piece.count)
                        part(process, UnsafeMutableRawBufferPointer(numbers))
                    }
                }
            }
        }
    }

    /// Whether a checkpoint has all of these vectors.
    static func hasVectors(_ replicas: Replicas, _ optimizer: Optimizer, in vectors: [String: [[Float]]]) -> Bool {
        guard !replicas.hasVelocity || vectors[outerName] != nil, !replicas.isEager || vectors[meanName] != nil else {
            return false
        }
        return (0..<replicas.count).allSatisfy { number in
            Replica.names(number, replicas, optimizer).allSatisfy { vectors[$0] != nil }
        }
    }

    /// Takes this process's replicas and the outer optimizer from a checkpoint.
    func restore(_ vectors: [String: [[Float]]], _ optimizer: Optimizer) {
        func write(_ name: String, to vector: UnsafeMutablePointer<Float>) {
            for (index, values) in (vectors[name] ?? []).enumerated() { layout.write(values, index, to: vector) }
        }
        finishExchanges()
        if let velocity = outer.velocity { write(Self.outerName, to: velocity) }
        if let mean = outer.mean { write(Self.meanName, to: mean) }
        for replica in own {
            for vector in replica.vectors(replicas, optimizer) { write(vector.name, to: vector.values) }
        }
        flipMirrors()
        isBroken = false
    }
}
