import Batchwise
import CMPI

/// Messages between processes that are under way while they work on.
final class MPIDelivery: Delivery {
    private let delivery: OpaquePointer?

    /// The most bytes of one call of MPI.
    private static let most = 1 << 30

    init(tag: Int, _ sending: [Message], _ receiving: [Message]) {
        func calls(_ messages: [Message]) -> Int {
            messages.reduce(0) { $0 + ($1.bytes.count + Self.most - 1) / Self.most }
        }
        delivery = bw_mpi_delivery_create(calls(sending) + calls(receiving))
        // who receives is ready before the others send
        for message in receiving {
            Self.forEachCall(message) {
                bw_mpi_delivery_receive(delivery, Int32(message.process), Int32(tag), $0, $1)
            }
        }
        for message in sending {
            Self.forEachCall(message) { bw_mpi_delivery_send(delivery, Int32(message.process), Int32(tag), $0, $1) }
        }
    }

    deinit { bw_mpi_delivery_free(delivery) }

    private static func forEachCall(_ message: Message, _ body: (UnsafeMutableRawPointer, Int32) -> Void) {
        guard let base = message.bytes.baseAddress else { return }
        for start in stride(from: 0, to: message.bytes.count, by: most) {
            body(base + start, Int32(min(most, message.bytes.count - start)))
        }
    }

    func isDone() -> Bool { bw_mpi_delivery_is_done(delivery) != 0 }

    func wait() { bw_mpi_delivery_wait(delivery) }
}
