import Batchwise

/// The exchange of numbers among the processes of one machine: by mailboxes in the memory that they share.
final class MachineMail {
    private let rank: Int
    private let machine: MachineProcesses

    /// A piece of a part that another process owns, on its way here.
    private struct Piece {
        var owner, offset: Int
        var target: UnsafeMutableRawBufferPointer
    }
    private var pending: [Piece] = []
    /// The bytes of each process that are on their way.
    private var sent: [Int]

    init(rank: Int, machine: MachineProcesses) {
        (self.rank, self.machine) = (rank, machine)
        sent = Array(repeating: 0, count: machine.size)
        pending.reserveCapacity(1024)
    }

    /// Parts go out in pieces of at most a mailbox; each process lists the same pieces in the same order.
    func exchange(_ parts: PartList) {
        parts { owner, part in
            guard !machine.shares(part) else { return }
            var start = 0
            while start < part.count {
                if sent[owner] == MachineProcesses.mailbox { deliver() }
                let count = min(part.count - start, MachineProcesses.mailbox - sent[owner])
                let piece = UnsafeMutableRawBufferPointer(rebasing: part[start..<start + count])
                if owner == rank {
                    machine.mailbox(of: machine.rank).advanced(by: sent[owner])
                        .copyMemory(from: piece.baseAddress!, byteCount: count)
                } else {
                    pending.append(Piece(owner: owner, offset: sent[owner], target: piece))
                }
                sent[owner] += count
                start += count
            }
        }
        deliver()
    }

    /// Brings the pieces that are on their way, and returns when all processes have theirs.
    private func deliver() {
        machine.meet()
        for piece in pending {
            let source = machine.mailbox(of: piece.owner)
            piece.target.copyMemory(
                from: UnsafeRawBufferPointer(start: source.advanced(by: piece.offset), count: piece.target.count))
        }
        machine.turnMailboxes()
        pending.removeAll(keepingCapacity: true)
        for process in sent.indices { sent[process] = 0 }
    }
}
