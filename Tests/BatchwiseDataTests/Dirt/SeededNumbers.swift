@testable import Batchwise
@testable import Foundations

/// Random numbers that a seed decides.
struct SeededNumbers {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

    mutating func below(_ limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Int(CounterRandom.mix(state) >> 11) % limit
    }

    /// Whether an event happens that happens once in so many times.
    mutating func isOne(in times: Int) -> Bool { below(times) == 0 }

    mutating func one<Element>(of list: [Element]) -> Element { list[below(list.count)] }
}
