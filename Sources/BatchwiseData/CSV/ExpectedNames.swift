import Batchwise

/// Names that the columns of a table are expected to have: a header without any of them may be a row of data, and a row
/// of numbers with some of them a header.
package struct ExpectedNames: Sendable {
    let names: Set<String>
    /// Whether the rows are new ones for a model: then names may differ in case and blanks, and half of them must be
    /// there.
    let areOfNewRows: Bool

    /// The names of the columns that a model reads, and of its targets.
    init(of encoder: TableEncoder) {
        let all = encoder.columns.map(\.name) + encoder.targets.map(\.name) + [encoder.weights?.name].compactMap { $0 }
        names = Set(all.map(Self.key))
        areOfNewRows = true
    }

    /// The names in a recipe; numbers are no names, because columns have numbers too.
    init(_ columns: DataSource.Columns) {
        let all = columns.targets + [columns.weights, columns.group].compactMap { $0 }
        names = Set(all.filter { Double($0) == nil })
        areOfNewRows = false
    }

    /// A name without blanks, in small letters.
    static func key(_ name: String) -> String { name.filter { !$0.isWhitespace }.lowercased() }

    /// Whether the cells of a row are the names.
    func areMet(by cells: [String]) -> Bool {
        guard areOfNewRows else { return cells.contains { names.contains($0) } }
        return 2 * Set(cells.map(Self.key)).intersection(names).count >= names.count
    }
}

extension CSVHeadRows {
    /// The place of the last row of the header; nil where there is none.
    ///
    /// - Parameters:
    ///   - said: whether there is a header, where a person says so.
    ///   - expected: names that the columns may have.
    func header(said: Bool?, _ expected: ExpectedNames?) throws(DataError) -> Int? {
        guard said != false else { return nil }
        guard said == nil, let expected else {
            if let found = try header(isSaid: said == true) { return found }
            return try headerOfNumbers
        }
        let named = try placeOfNames(expected)
        if expected.areOfNewRows {
            if named != nil { return try header(isSaid: true) }
            guard let found = try header(isSaid: false) else { return try headerOfNumbers }
            // texts above texts may be a row like those below
            return first[found].cells.indices.contains { isValues($0, below: found) } ? found : nil
        }
        do throws(DataError) {
            if let found = try header(isSaid: false) { return found }
        } catch {
            guard let named, case .headerUnclear = error else { throw error }
            return named
        }
        if let named { return named }
        return try headerOfNumbers
    }

    /// The first row of the usual width that has the expected names.
    private func placeOfNames(_ expected: ExpectedNames) throws(DataError) -> Int? {
        for place in first.indices where first[place].cells.count == width {
            if expected.areMet(by: try names(place)) { return place }
            if first[place].hasValues { return nil }
        }
        return nil
    }

    /// The first row, where its numbers are certainly names, or the units below it.
    private var headerOfNumbers: Int? {
        get throws(DataError) {
            guard case .certain? = try numbersAsNames() else { return nil }
            guard first.count > 2, countOfNames(1) > 0 else { return 0 }
            return try isUnits(1) ? 1 : 0
        }
    }
}
