/// Whether numbers are whole and no two of them are equal, as those of ids are. Numbers that neither rise nor fall are
/// kept, up to a bound; those behind it are taken to be like them.
struct DifferentNumbers {
    private static let mostKept = 1 << 16

    private(set) var isDisproved = false
    private(set) var count = 0
    private var missing = 0
    private var rises = true
    private var falls = true
    private var last = 0.0
    private var kept: Set<Double> = []

    /// Whether there are hardly any rows without a number.
    var isComplete: Bool { 20 * missing <= count + missing }

    mutating func add(_ numbers: [Double]) {
        guard !isDisproved else { return }
        for number in numbers {
            guard !number.isNaN else {
                missing += 1
                continue
            }
            guard number == number.rounded(), count == 0 || number != last else {
                isDisproved = true
                return
            }
            if count > 0 {
                rises = rises && number > last
                falls = falls && number < last
            }
            if kept.count < Self.mostKept, !kept.insert(number).inserted {
                isDisproved = true
                return
            }
            guard rises || falls || kept.count < Self.mostKept else { return }
            last = number
            count += 1
        }
    }
}
