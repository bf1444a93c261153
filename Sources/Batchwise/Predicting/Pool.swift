import Synchronization

/// A store of objects, each used by one caller at a time: a caller takes one, or makes one where none is free, and puts
/// it back.
final class Pool<Element: AnyObject>: Sendable {
    /// Only the caller that took an element uses it, so it may go from thread to thread.
    private struct Free: @unchecked Sendable { let element: Element }

    private let free: Mutex<[Free]>
    private let limit: Int

    /// - Parameter limit: the largest number of elements that are kept.
    init(limit: Int) {
        self.limit = limit
        var none: [Free] = []
        // room for all from the beginning: putting one back allocates nothing
        none.reserveCapacity(limit)
        free = Mutex(none)
    }

    func take() -> Element? { free.withLock { $0.popLast() }?.element }

    func put(_ element: Element) {
        let one = Free(element: element)
        free.withLock { if $0.count < limit { $0.append(one) } }
    }
}
