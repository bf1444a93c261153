import CKernels

// Backup workers by a script: shares of a batch are left out of an update. See Asynchronous.

extension Asynchronous {
    /// The places of a batch that an update of this number, from 1, leaves out. A batch of fewer examples than workers is
    /// taken whole.
    func leftOut(ofUpdate number: Int, batch: Int, seed: UInt64) -> [Range<Int>] {
        guard case .backup(let backup, let workers?) = mode, batch >= workers else { return [] }
        let random = CounterRandom(seed: seed, purpose: .backup, example: number)
        var order = Array(0..<workers)
        for place in 0..<min(backup, workers - 1) {
            order.swapAt(place, place + Int(random.uniform(at: UInt64(place)) * Double(workers - place)))
        }
        return order.prefix(backup).sorted().map { LocalBatch.rows(ofReplica: $0, of: workers, in: batch) }
    }
}

extension Engine {
    /// The sum of the weights of the examples that are left out.
    var weightLeftOut: Double {
        let first = current.pointee.positions.lowerBound
        var sum = 0.0
        for places in current.pointee.leftOut {
            for place in places { sum += source.weight(current.pointee.order[first + place]) }
        }
        return sum
    }

    /// Takes the weights of those examples away whose places in the batch are among `rows`; the first of them lies at `row`.
    func leaveOut(_ rows: Range<Int>, from arena: Arena, at row: Int) {
        guard let tensor = program.exampleWeight else { return }
        for places in current.pointee.leftOut {
            for place in places.clamped(to: rows) {
                (arena.base + tensor.offset)[row + place - rows.lowerBound] = 0
            }
        }
    }

    /// Takes their losses away, in the rows of a round that have been joined. Every process does that in its own memory,
    /// or writes the same zeros into the memory that it shares.
    func leaveOut(of losses: Program.Tensor, _ block: bw_block, in arena: Arena) {
        let rows = block.first..<block.first + block.rows
        for places in current.pointee.leftOut {
            for place in places.clamped(to: rows) {
                let row = arena.base + losses.offset + (place - rows.lowerBound) * losses.width
                row.update(repeating: 0, count: losses.width)
            }
        }
    }
}
