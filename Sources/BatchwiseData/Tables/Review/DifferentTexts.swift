/// The number of cells with a text, and the first of them, of a column that may have about as many different texts.
struct DifferentTexts {
    let distinct: Int
    private(set) var cells = 0
    private(set) var first = (text: "", place: "")

    init(_ levels: [String]) { distinct = levels.count }

    /// Whether there are too many cells for so few texts.
    var isDisproved: Bool { cells > 2 * distinct }

    mutating func add(_ codes: [Int32], _ levels: [String], of run: Table) {
        for (row, code) in codes.enumerated() where code >= 0 {
            if isDisproved { return }
            if cells == 0 { first = (levels[Int(code)], run.place(of: row)) }
            cells += 1
        }
    }

    /// Whether nine of ten cells have a text that no other has.
    var areNearlyAll: Bool { 10 * distinct >= 9 * cells }
    /// Whether a text stands in two cells, on average, or in fewer.
    var areMany: Bool { 2 * distinct >= cells }
}
