/// Numbers of all replicas on their way to one vector: each process receives its slice of every replica's numbers, combines
/// them in the order of the replicas, and sends the result to all.
///
/// Of R processes each receives 2 (R - 1) / R vectors where each has one replica, and not R - 1 as by exchanging them all.
/// The bits do not depend on the processes: each number of the result is computed once, from those of all replicas.
final class SliceExchange {
    /// Computes a piece of the result from the numbers of every replica, in their order.
    typealias Combination = (
        _ piece: ParameterPiece, _ replicas: [UnsafePointer<Float>], _ result: UnsafeMutablePointer<Float>
    ) -> Void

    /// The pieces of the vectors that are exchanged.
    let pieces: [ParameterPiece]
    /// The pieces that each process combines.
    let slices: [[ParameterPiece]]
    private let number: Int
    private let placement: ReplicaPlacement
    private let communicator: (any Communicator)?
    private let rank: Int
    /// The slices of the replicas of other processes, one after the other.
    private let incoming: Memory

    private var delivery: (any Delivery)?
    private var isCombined = true
    private var combination: Combination = { _, _, _ in }
    private var vectors: [UnsafeMutablePointer<Float>] = []
    private var result: UnsafeMutablePointer<Float>?

    /// - Parameter number: tells the exchange apart from others that are under way.
    init(
        _ pieces: [ParameterPiece], number: Int, _ placement: ReplicaPlacement, _ communicator: (any Communicator)?
    ) throws(PlanError) {
        self.pieces = pieces
        self.number = number
        self.placement = placement
        self.communicator = placement.ranks > 1 ? communicator : nil
        rank = communicator?.rank ?? 0
        slices = ParameterPiece.slices(pieces, count: placement.ranks)
        let own = slices[rank].reduce(0) { $0 + $1.count }
        incoming = try Memory(floats: (placement.count - placement.own.count) * own)
    }

    // its memory is not given back while messages come in
    deinit { delivery?.wait() }

    /// The most floats that the exchanges of all parameters take in a process.
    static func mostFloats(_ placement: ReplicaPlacement, _ layout: ParameterLayout) -> Int {
        let others = placement.count - placement.count / placement.ranks
        return placement.ranks > 1 ? others * (layout.count / placement.ranks + 1) : 0
    }

    /// Sends the vectors of this process's replicas on their way. They must stay as they are, and nobody may read the
    /// result, until ``finish()``.
    func begin(
        _ vectors: [UnsafeMutablePointer<Float>], result: UnsafeMutablePointer<Float>,
        _ combination: @escaping Combination
    ) {
        (self.vectors, self.result, self.combination) = (vectors, result, combination)
        guard let communicator else { return combine() }
        isCombined = false
        var sending: [Message] = []
        for vector in vectors {
            for process in slices.indices where process != rank {
                sending += slices[process].map { $0.message(with: process, in: vector) }
            }
        }
        var receiving: [Message] = []
        var place = incoming.base
        for replica in 0..<placement.count where !placement.own.contains(replica) {
            for piece in slices[rank] {
                receiving.append(piece.message(with: placement.rank(of: replica), at: place))
                place += piece.count
            }
        }
        delivery = communicator.begin(2 * number, sending: sending, receiving: receiving)
    }

    /// Helps the messages on, and does what they have been waited for, without waiting.
    func advance() {
        while let delivery, delivery.isDone() { goOn() }
    }

    /// Returns when the result is there.
    func finish() {
        while let delivery {
            delivery.wait()
            goOn()
        }
    }

    private func goOn() {
        delivery = nil
        guard !isCombined, let communicator, let result else { return }
        combine()
        var sending: [Message] = []
        var receiving: [Message] = []
        for process in slices.indices where process != rank {
            sending += slices[rank].map { $0.message(with: process, in: result) }
            receiving += slices[process].map { $0.message(with: process, in: result) }
        }
        delivery = communicator.begin(2 * number + 1, sending: sending, receiving: receiving)
    }

    private func combine() {
        isCombined = true
        guard let result else { return }
        let length = slices[rank].reduce(0) { $0 + $1.count }
        var place = 0
        for piece in slices[rank] {
            var others = incoming.base + place
            let numbers = (0..<placement.count).map { replica in
                if placement.own.contains(replica) {
                    return UnsafePointer(vectors[replica - placement.own.lowerBound] + piece.offset)
                }
                defer { others += length }
                return UnsafePointer(others)
            }
            combination(piece, numbers, result + piece.offset)
            place += piece.count
        }
        // it may hold on to the owner of this exchange
        combination = { _, _, _ in }
    }
}

extension ParameterPiece {
    /// These pieces, cut into runs of about equal length.
    static func slices(_ pieces: [ParameterPiece], count: Int) -> [[ParameterPiece]] {
        let total = pieces.reduce(0) { $0 + $1.count }
        return (0..<count).map { slice in
            let own = total * slice / count..<total * (slice + 1) / count
            var first = 0
            return pieces.compactMap { piece in
                defer { first += piece.count }
                let part = own.clamped(to: first..<first + piece.count)
                return part.isEmpty
                    ? nil
                    : ParameterPiece(
                        offset: piece.offset + part.lowerBound - first, count: part.count, isTrained: piece.isTrained)
            }
        }
    }

    fileprivate func message(with process: Int, in vector: UnsafeMutablePointer<Float>) -> Message {
        message(with: process, at: vector + offset)
    }

    fileprivate func message(with process: Int, at numbers: UnsafeMutablePointer<Float>) -> Message {
        Message(
            process: process,
            bytes: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(start: numbers, count: count)))
    }
}
