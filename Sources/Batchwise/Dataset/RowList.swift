/// Numbers of rows, in four bytes each: a list of many rows is what a large data set keeps in memory.
package struct RowList: RandomAccessCollection, Equatable, Sendable, ExpressibleByArrayLiteral {
    @usableFromInline var numbers: [UInt32] = []

    /// The most rows that a data set may have.
    package static let mostRows = 1 << 32

    @inlinable package init() {}
    @inlinable package init(arrayLiteral elements: Int...) { self.init(elements) }

    /// Rows that are in 0..<`mostRows`.
    @inlinable package init(_ rows: some Collection<Int>) { numbers = rows.map { UInt32($0) } }

    @inlinable package var startIndex: Int { 0 }
    @inlinable package var endIndex: Int { numbers.count }
    @inlinable package subscript(place: Int) -> Int { Int(numbers[place]) }

    @inlinable package mutating func append(_ row: Int) { numbers.append(UInt32(row)) }
    @inlinable package mutating func reserveCapacity(_ count: Int) { numbers.reserveCapacity(count) }
}
