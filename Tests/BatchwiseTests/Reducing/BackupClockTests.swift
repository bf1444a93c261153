import Testing

@testable import Batchwise

/// The places of gradients with backup workers, in courses drawn by chance.
@Suite struct BackupClockTests {
    @Test(arguments: [(2, 1), (4, 3), (5, 2)], 1...20) func everyUpdateTakesTheFirst(
        size: (processes: Int, needed: Int), course: Int
    ) {
        var numbers = TestNumbers("backup \(size) \(course)")
        var clock = BackupClock()
        clock.updates = 30
        var computing: [Int?] = Array(repeating: nil, count: size.processes)
        var last = Array(repeating: -1, count: size.processes)
        var adding: Set<Int> = []
        var taken = Array(repeating: Set<Int>(), count: 30)
        var hasEnded = Array(repeating: false, count: size.processes)
        while hasEnded.contains(false) {
            let process = numbers.below(size.processes)
            if adding.contains(process) {
                adding.remove(process)
                if clock.countAdded(needed: size.needed) { clock.countMade() }
            } else if let update = computing[process] {
                computing[process] = nil
                let isOpen = clock.made == update && taken[update].count < size.needed
                let counts = clock.takePlace(update, examples: 3, needed: size.needed)
                #expect(counts == isOpen)
                guard counts else { continue }
                #expect(taken[update].insert(process).inserted)
                #expect(clock.examples == 3 * taken[update].count)
                adding.insert(process)
            } else {
                switch clock.nextUpdate(after: last[process]) {
                case .number(let number):
                    #expect(number == clock.made && number > last[process])
                    (computing[process], last[process]) = (number, number)
                case .none: hasEnded[process] = true
                case .wait: #expect(last[process] == clock.made)
                }
            }
        }
        #expect(clock.made == 30 && taken.allSatisfy { $0.count == size.needed })
        var copy = BackupClock()
        copy.words = clock.words
        #expect(copy == clock)
    }

    @Test func nothingComesAfterAStop() {
        var clock = BackupClock()
        clock.updates = 5
        #expect(clock.takePlace(0, examples: 1, needed: 1) && clock.countAdded(needed: 1))
        clock.countMade()
        clock.stop()
        #expect(clock.nextUpdate(after: 0) == .none && !clock.takePlace(1, examples: 1, needed: 1))
    }
}
