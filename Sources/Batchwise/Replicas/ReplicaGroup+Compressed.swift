// The averages of compressed changes: see ChangeCompression.

extension ReplicaGroup {
    /// The bytes that all replicas together hand over at a time.
    private static let mostBytes = 8 << 20

    /// Averages a fragment of the model by the changes that compression leaves, which all processes receive from all.
    func averageCompressed(_ fragment: Int, examples: [Int]) {
        let total = Double(examples.reduce(0, +))
        forEachGroup(of: fragments[fragment]) { pieces in
            withContributions(pieces) { contributions, place, piece, sum in
                let compression = piece.isTrained ? self.replicas.compression : nil
                for replica in 0..<self.placement.count {
                    self.add(
                        contributions[replica] + place, of: piece, compression, weight: Double(examples[replica]),
                        to: sum)
                }
                self.outer.step(piece, sum, examples: total, areChanges: compression != nil)
            }
            for piece in pieces {
                for replica in self.own {
                    (replica.parameters + piece.offset).update(
                        from: self.outer.parameters + piece.offset, count: piece.count)
                }
            }
        }
        flipMirrors()
    }

    private func add(
        _ bytes: UnsafeRawPointer, of piece: ParameterPiece, _ compression: ChangeCompression?, weight: Double,
        to sum: UnsafeMutablePointer<Double>
    ) {
        if let compression { return compression.add(bytes, count: piece.count, weight: weight, to: sum) }
        let numbers = bytes.assumingMemoryBound(to: Float.self)
        for index in 0..<piece.count { sum[index] += weight * Double(numbers[index]) }
    }

    /// Calls `body` with pieces that are handed over together.
    private func forEachGroup(of parameters: Range<Int>, _ body: ([ParameterPiece]) -> Void) {
        let most = max(1 << 12, Self.mostBytes / 4 / placement.count)
        let pieces = ParameterPiece.list(
            parameters, of: layout, most: ChangeCompression.mostNumbers(replicas.compression, most))
        var group: [ParameterPiece] = []
        var count = 0
        for piece in pieces {
            if count > 0, count + piece.count > most {
                body(group)
                (group, count) = ([], 0)
            }
            group.append(piece)
            count += piece.count
        }
        if !group.isEmpty { body(group) }
    }

    /// The bytes of a piece as it is handed over.
    private func byteCount(_ piece: ParameterPiece) -> Int {
        // pieces begin at whole numbers
        guard piece.isTrained, let compression = replicas.compression else { return 4 * piece.count }
        return (compression.byteCount(piece.count) + 3) / 4 * 4
    }

    /// Calls `body` for each piece with the contributions of all replicas, the place of the piece in each of them, and a
    /// sum that is 0.
    private func withContributions(
        _ pieces: [ParameterPiece],
        _ body: (
            _ contributions: [UnsafeMutableRawPointer], _ place: Int, ParameterPiece,
            _ sum: UnsafeMutablePointer<Double>
        ) -> Void
    ) {
        let bytes = pieces.reduce(0) { $0 + byteCount($1) }
        let memory = UnsafeMutableRawPointer.allocate(byteCount: placement.count * bytes, alignment: 64)
        defer { memory.deallocate() }
        let contributions = (0..<placement.count).map { memory + $0 * bytes }
        for replica in own { write(pieces, of: replica, into: contributions[replica.number]) }
        communicator?.exchange { part in
            for replica in 0..<placement.count {
                part(
                    placement.rank(of: replica),
                    UnsafeMutableRawBufferPointer(start: contributions[replica], count: bytes))
            }
        }
        let most = pieces.reduce(0) { max($0, $1.count) }
        let sum = UnsafeMutablePointer<Double>.allocate(capacity: most)
        defer { sum.deallocate() }
        var place = 0
        for piece in pieces {
            sum.initialize(repeating: 0, count: piece.count)
            body(contributions, place, piece, sum)
            place += byteCount(piece)
        }
    }

    private func write(_ pieces: [ParameterPiece], of replica: Replica, into bytes: UnsafeMutableRawPointer) {
        var place = bytes
        for piece in pieces {
            let parameters = replica.parameters + piece.offset
            if piece.isTrained, let compression = replicas.compression, let lost = replica.lost {
                compression.encode(
                    from: outer.parameters + piece.offset, to: parameters, lost: lost + piece.offset,
                    count: piece.count, into: place)
            } else {
                place.copyMemory(from: parameters, byteCount: 4 * piece.count)
            }
            place += byteCount(piece)
        }
    }
}
