import CKernels
import Dispatch
import Foundation

/// Reads and augments the features of coming batches while the present one is computed.
///
/// Batches stand in a ring of slots, each cut into chunks of rows that any thread may fill. A row is a pure function of
/// seed, epoch and example, so that neither the number of threads nor their order can change it.
final class Loader: @unchecked Sendable {
    /// The place of one batch in the ring.
    private struct Slot {
        /// The batch's number in the run, from 0.
        var number = -1
        var unfinished = 0
        var failure: DataError?
        /// The largest magnitude of a feature.
        var largest: Float = 0
    }

    /// The places that this process needs of a batch of so many examples; the others are not loaded.
    typealias Share = @Sendable (_ batch: Int) -> [Range<Int>]

    private let rows: LoadedRows.Source
    private let orders: EpochOrders
    private let schedule: BatchSchedule
    /// Batches of the run before this number are loaded ahead.
    private let end: Int
    private let threads: Int
    private let chunk: Int
    private let memory: [LoadedRows]
    private let share: Share?

    private let condition = NSCondition()
    private var slots: [Slot]
    /// The number of the batch that training works on. Slots of this and earlier batches are not written to.
    private var wanted: Int
    /// The chunk that is loaded next.
    private var next: (number: Int, row: Int)
    private var running = 0
    /// The order of the epoch that is being loaded.
    private var order: EpochOrder
    private var isWaitedFor = false
    private var isStopped = false
    private var loading: [WorkerThread] = []

    /// Seconds that training has waited for batches.
    private(set) var stall = 0.0

    /// Loads the batches of one phase of the schedule.
    ///
    /// - Parameters:
    ///   - threads: the number of loading threads; 0 loads in the thread that asks for a batch, while it waits.
    ///   - share: the places of a batch that are loaded; nil for all of them. Batches that are mixed are loaded whole.
    init(
        _ rows: LoadedRows.Source, orders: EpochOrders, schedule: BatchSchedule, phase: Int, epochs: Int, threads: Int,
        share: Share? = nil
    ) throws(PlanError) {
        self.share = rows.augmentation.mixup == nil ? share : nil
        self.rows = rows
        self.orders = orders
        order = orders.order(ofEpoch: 1)
        self.schedule = schedule
        end =
            schedule.phases.dropFirst(phase + 1).first?.updates
            ?? schedule.updates(beforeBatch: 0, ofEpoch: epochs + 1)
        let first = schedule.phases[phase].updates
        (wanted, next) = (first - 1, (first, 0))
        self.threads = threads
        let batch = min(schedule.phases[phase].size, schedule.examples)
        chunk = threads == 0 ? min(batch, 256) : min(max((batch + 2 * threads - 1) / (2 * threads), 16), 256)
        var memory: [LoadedRows] = []
        for _ in 0..<(threads == 0 ? 1 : 1 + Self.ahead(rows, batch)) {
            memory.append(try LoadedRows(rows, capacity: batch))
        }
        self.memory = memory
        slots = memory.map { _ in Slot() }
        try start()
    }

    /// The number of batches that are loaded ahead: two, and more where they are small, for a thread takes a while to
    /// wake.
    private static func ahead(_ rows: LoadedRows.Source, _ batch: Int) -> Int {
        let bytes = max(1, batch * rows.byteCount)
        return max(2, min(64, 2048 / max(batch, 1), (32 << 20) / bytes))
    }

    /// Ends the threads. Until then, they keep the loader alive.
    func stop() {
        condition.lock()
        isStopped = true
        condition.broadcast()
        condition.unlock()
        for thread in loading { thread.join() }
        loading = []
    }

    /// Bytes of the slots, and of the stacks of the threads.
    static func byteCount(_ rows: LoadedRows.Source, batch: Int, threads: Int) -> Int {
        (threads == 0 ? 1 : 1 + ahead(rows, batch)) * LoadedRows.byteCount(rows, capacity: batch) + threads << 16
    }

    /// The features of a batch of an epoch, which stay until the next call.
    func batch(_ index: Int, epoch: Int) throws(DataError) -> LoadedRows {
        let number = schedule.updates(beforeBatch: index, ofEpoch: epoch)
        let start = DispatchTime.now().uptimeNanoseconds
        defer { stall += Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9 }
        condition.lock()
        defer { condition.unlock() }
        if number != wanted && number != wanted + 1 { seek(number) }
        wanted = number
        // Threads are woken for several batches at a time: to be woken for each would cost more than to load it.
        if next.number - number <= slots.count / 2 { condition.broadcast() }
        let slot = number % slots.count
        while slots[slot].number != number || slots[slot].unfinished > 0 {
            if threads == 0 { loadChunk() } else { wait() }
        }
        if let failure = slots[slot].failure { throw failure }
        memory[slot].largest = slots[slot].largest
        return memory[slot]
    }

    /// Begins anew at a batch, and waits first for chunks that are being loaded.
    private func seek(_ number: Int) {
        next = (.max, 0)
        while running > 0 { wait() }
        for slot in slots.indices { slots[slot] = Slot() }
        next = (number, 0)
        wanted = number
    }

    /// Waits until a thread has finished a chunk.
    private func wait() {
        isWaitedFor = true
        condition.broadcast()
        condition.wait()
        isWaitedFor = false
    }

    // MARK: Threads

    private func start() throws(PlanError) {
        for _ in 0..<threads {
            guard let thread = WorkerThread({ self.work() }) else {
                stop()
                throw .threadsRefused(requested: threads, option: "--loading-threads")
            }
            loading.append(thread)
        }
    }

    private func work() {
        condition.lock()
        while !isStopped {
            if hasChunk { loadChunk() } else { condition.wait() }
        }
        condition.unlock()
    }

    private var hasChunk: Bool {
        next.number < wanted + slots.count && (next.number <= wanted || next.number < end)
    }

    /// Loads the next chunk; the lock is held before and after, and not meanwhile.
    private func loadChunk() {
        let number = next.number
        let (epoch, batch) = schedule.place(ofUpdate: number)
        let positions = schedule.rows(ofBatch: batch, inEpoch: epoch)
        let slot = number % slots.count
        if next.row == 0 {
            slots[slot] = Slot(number: number, unfinished: (positions.count + chunk - 1) / chunk)
        }
        let part = next.row..<min(next.row + chunk, positions.count)
        next = part.upperBound < positions.count ? (number, part.upperBound) : (number + 1, 0)
        if order.epoch != epoch { order = orders.order(ofEpoch: epoch) }
        let order = order
        running += 1
        condition.unlock()

        var failure: DataError?
        var largest: Float = 0
        let chunk = positions.lowerBound + part.lowerBound..<positions.lowerBound + part.upperBound
        LoadedRows.readAhead(rows, order: order, positions: chunk)
        do throws(DataError) {
            for own in share?(positions.count).map({ $0.clamped(to: part) }) ?? [part] where !own.isEmpty {
                let first = positions.lowerBound + own.lowerBound
                let found = try memory[slot].fill(own, from: rows, order: order, positions: first..<first + own.count)
                largest = max(largest, found)
            }
        } catch {
            failure = error
        }

        condition.lock()
        if slots[slot].unfinished == 1, failure == nil, slots[slot].failure == nil {
            // this is the last chunk, so no other thread touches the slot
            condition.unlock()
            memory[slot].mix(positions, from: rows, order: order)
            condition.lock()
        }
        running -= 1
        slots[slot].unfinished -= 1
        slots[slot].largest = max(slots[slot].largest, largest)
        if slots[slot].failure == nil { slots[slot].failure = failure }
        if isWaitedFor, slots[slot].unfinished == 0 || running == 0 { condition.broadcast() }
    }
}
