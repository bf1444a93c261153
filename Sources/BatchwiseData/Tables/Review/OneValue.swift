/// Whether all cells of a column are equal, or none has a value.
struct OneValue {
    private(set) var isDisproved = false
    private(set) var hasMissing = false
    /// The value of all cells so far that have one.
    private(set) var value: Double?

    mutating func add(_ numbers: [Double]) {
        guard !isDisproved else { return }
        for number in numbers where number != value {
            if number.isNaN {
                hasMissing = true
            } else if value == nil {
                value = number
            } else {
                isDisproved = true
                return
            }
        }
    }

    mutating func add(_ codes: [Int32]) {
        guard !isDisproved else { return }
        for code in codes where Double(code) != value {
            if code < 0 {
                hasMissing = true
            } else if value == nil {
                value = Double(code)
            } else {
                isDisproved = true
                return
            }
        }
    }
}
