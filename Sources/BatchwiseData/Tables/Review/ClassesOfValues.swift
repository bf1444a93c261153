/// Whether each value of a column goes with one class of the target only, in every row.
struct ClassesOfValues {
    private(set) var isDisproved = false
    private(set) var rows = 0
    /// For each value, its class; for each class, its value. -1 where there is none yet.
    private var classes: [Int32] = []
    private var values: [Int32] = []
    /// Whether no class has had two values.
    private(set) var isOneToOne = true

    /// The number of values that have been met.
    var distinct: Int { classes.count { $0 >= 0 } }
    /// The number of classes that have been met.
    var classCount: Int { values.count { $0 >= 0 } }

    mutating func add(value: Int32, of label: Int32) {
        rows += 1
        let (value, place) = (Int(value), Int(label))
        while classes.count <= value { classes.append(-1) }
        while values.count <= place { values.append(-1) }
        if classes[value] < 0 { classes[value] = label }
        if values[place] < 0 { values[place] = Int32(value) }
        if classes[value] != label { isDisproved = true }
        if values[place] != Int32(value) { isOneToOne = false }
    }

    /// Ends the question, because there are too many values to ask.
    mutating func giveUp() { isDisproved = true }
}
