/// Whether numbers count the rows from 0 or 1 on, as those of an index do.
struct RowNumbers {
    private(set) var isDisproved = false
    private(set) var rows = 0
    /// The first number: 0 or 1.
    private(set) var first = 0.0
    /// How often the count begins: once for each file that was written with an index of its own.
    private(set) var starts = 0
    private var next = 0.0

    mutating func add(_ numbers: [Double]) {
        guard !isDisproved, let start = numbers.first else { return }
        if rows == 0 { (first, next, starts) = (start, start, 1) }
        guard first == 0 || first == 1 else {
            isDisproved = true
            return
        }
        for number in numbers {
            if number != next {
                // a number of few values begins again and again
                guard number == first, 3 * starts <= rows else {
                    isDisproved = true
                    return
                }
                next = first
                starts += 1
            }
            next += 1
            rows += 1
        }
    }
}
