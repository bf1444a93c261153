import CKernels

/// The sums that processes hand over from one to the next, in pieces: while one process adds its examples to a piece, the
/// next adds its own to the piece before.
final class HandedSums {
    /// Neighbouring slices that are handed over in one message.
    struct Piece {
        var slices: Range<Int>
        /// The place of its first sum in the memory, and the floats of one sum.
        var start = 0
        var floats = 0
        /// The process that makes the update of these slices.
        var owner = 0
    }

    let slices: Range<Int>
    let pieces: [Piece]
    /// The slices that this process updates.
    let own: Range<Int>
    /// The sums that come from the process before, and those that go to the next: piece after piece, and of each piece
    /// one sum after the other, each of all slices.
    private let memory: Memory
    var incoming: UnsafeMutablePointer<Float> { memory.base }
    var outgoing: UnsafeMutablePointer<Float> { memory.base + memory.count / 2 }
    /// The slices' places in their pieces.
    private let places: [Int]

    /// A piece of so many floats is worth a message, and so is one of so many multiply-adds (some ten microseconds).
    private static let (usualFloats, usualWork) = (8192, 1 << 20)

    /// Nil where no sums are handed over.
    init?(_ plan: ExecutionPlan, _ cut: GradientSlices) throws(PlanError) {
        guard !cut.handed.isEmpty else { return nil }
        slices = cut.handed
        let pieces = Self.pieces(plan, cut)
        let rank = plan.division.rank(ofWorker: plan.division.own.lowerBound)
        let mine = pieces.filter { $0.owner == rank }.map(\.slices)
        own =
            mine.isEmpty ? slices.lowerBound..<slices.lowerBound : mine[0].lowerBound..<mine[mine.count - 1].upperBound
        var places: [Int] = []
        for piece in pieces {
            var place = 0
            for index in piece.slices {
                places.append(place)
                place += cut.slices[index].count
            }
        }
        (self.pieces, self.places) = (pieces, places)
        memory = try Memory(floats: plan.handedFloats)
    }

    /// Cuts the slices into pieces, and gives each process as many.
    static func pieces(_ plan: ExecutionPlan, _ cut: GradientSlices) -> [Piece] {
        let leads = Dictionary(uniqueKeysWithValues: plan.cuts.map { ($0.parameter, $0.lead + 1) })
        let division = plan.division
        let rows = plan.rows * division.own.count / division.workers + 1
        var (pieces, work) = ([Piece](), 0)
        for index in cut.handed {
            let slice = cut.slices[index]
            let isFull = pieces.last.map { piece in
                piece.slices.count >= division.own.count && (piece.floats >= usualFloats || work >= usualWork)
            }
            if isFull ?? true {
                let start = pieces.last.map { $0.start + plan.partition.levels * $0.floats } ?? 0
                pieces.append(Piece(slices: index..<index, start: start))
                work = 0
            }
            let last = pieces.count - 1
            pieces[last].slices = pieces[last].slices.lowerBound..<index + 1
            pieces[last].floats += slice.count
            work += slice.count * (leads[slice.parameter] ?? 1) * rows
        }
        let ranks = division.workers / division.own.count
        for number in pieces.indices { pieces[number].owner = number * ranks / pieces.count }
        return pieces
    }

    /// The place of the first sum of a slice, from the beginning of the memory.
    func place(ofSlice index: Int, in piece: Piece) -> Int { piece.start + places[index - slices.lowerBound] }

    // MARK: Messages

    /// The number of the messages with sums, which no other delivery has.
    private static let delivery = 1 << 12
    private var coming: [any Delivery] = []
    private var going: [any Delivery] = []

    private func message(
        _ memory: UnsafeMutablePointer<Float>, _ piece: Piece, sums: Int, _ process: Int
    ) -> Message {
        let numbers = UnsafeMutableBufferPointer(start: memory + piece.start, count: sums * piece.floats)
        return Message(process: process, bytes: UnsafeMutableRawBufferPointer(numbers))
    }

    /// Asks another process for some sums of all pieces.
    func receive(_ sums: Int, from rank: Int, _ communicator: any Communicator) {
        coming = pieces.map {
            communicator.begin(Self.delivery, sending: [], receiving: [message(incoming, $0, sums: sums, rank)])
        }
    }

    /// Returns when a piece has come.
    func awaitPiece(_ piece: Int) { coming[piece].wait() }

    /// Sends the first sums of a piece.
    func send(_ piece: Piece, sums: Int, to rank: Int, _ communicator: any Communicator) {
        going.append(
            communicator.begin(Self.delivery, sending: [message(outgoing, piece, sums: sums, rank)], receiving: []))
    }

    /// Takes the finished sums of the own pieces from the last process, when all that was sent has left its memory.
    func takeFinished(by rank: Int, from last: Int, _ communicator: any Communicator) {
        awaitSent()
        let own = pieces.filter { $0.owner == rank }.map { message(outgoing, $0, sums: 1, last) }
        communicator.begin(Self.delivery, sending: [], receiving: own).wait()
    }

    /// Returns when all that was sent has left its memory.
    func awaitSent() {
        for delivery in going { delivery.wait() }
        going.removeAll(keepingCapacity: true)
    }
}
