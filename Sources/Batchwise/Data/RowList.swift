/// Numbers of rows, in four bytes each: a list of many rows is what a large data set keeps in memory.
struct RowList: RandomAccessCollection, Equatable, Sendable, ExpressibleByArrayLiteral {
    private var numbers: [UInt32] = []

    /// The most rows that a data set may have.
    static let mostRows = 1 << 32

    init() {}
    init(arrayLiteral elements: Int...) { self.init(elements) }

    /// Rows that are in 0..<`mostRows`.
    init(_ rows: some Collection<Int>) { numbers = rows.map { UInt32($0) } }

    var startIndex: Int { 0 }
    var endIndex: Int { numbers.count }
    subscript(place: Int) -> Int { Int(numbers[place]) }

    mutating func append(_ row: Int) { numbers.append(UInt32(row)) }
    mutating func reserveCapacity(_ count: Int) { numbers.reserveCapacity(count) }
}
