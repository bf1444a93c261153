// The part of a checkpoint that holds replicas, wherever they are.

extension ReplicaGroup {
    private static let outerName = "outer.velocity"

    /// The vectors of all replicas and of the outer optimizer by name: in the first process, which writes them.
    func vectors(_ optimizer: Optimizer) -> [String: [[Float]]] {
        var vectors: [String: [[Float]]] = [:]
        let isFirst = communicator?.rank ?? 0 == 0
        if isFirst, let velocity = outer.velocity { vectors[Self.outerName] = layout.values(velocity) }
        let away = communicator == nil ? nil : UnsafeMutablePointer<Float>.allocate(capacity: layout.count)
        defer { away?.deallocate() }
        for number in 0..<placement.count {
            let replica = own.first { $0.number == number }
            let names = Replica.names(number, optimizer, hasLost: replicas.compression != nil)
            for (index, name) in names.enumerated() {
                guard let numbers = replica?.vectors(optimizer)[index].values ?? away else { continue }
                let (rank, count) = (placement.rank(of: number), layout.count)
                communicator?.exchange { part in
                    part(rank, UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(start: numbers, count: count)))
                }
                if isFirst { vectors[name] = layout.values(numbers) }
            }
        }
        return vectors
    }

    /// Whether a checkpoint has all of these vectors.
    static func hasVectors(_ replicas: Replicas, _ optimizer: Optimizer, in vectors: [String: [[Float]]]) -> Bool {
        guard !replicas.hasVelocity || vectors[outerName] != nil else { return false }
        return (0..<replicas.count).allSatisfy { number in
            Replica.names(number, optimizer, hasLost: replicas.compression != nil).allSatisfy { vectors[$0] != nil }
        }
    }

    /// Takes this process's replicas and the outer optimizer from a checkpoint.
    func restore(_ vectors: [String: [[Float]]], _ optimizer: Optimizer) {
        func write(_ name: String, to vector: UnsafeMutablePointer<Float>) {
            for (index, values) in (vectors[name] ?? []).enumerated() { layout.write(values, index, to: vector) }
        }
        if let velocity = outer.velocity { write(Self.outerName, to: velocity) }
        for replica in own { for vector in replica.vectors(optimizer) { write(vector.name, to: vector.values) } }
        flipMirrors()
        isBroken = false
    }
}
