import Batchwise
import Foundations

/// The places in a new table of the columns that a model needs: by name, or by place where the table has no names.
struct TablePlaces {
    let columns: [Int]
    private(set) var targets: [Int] = []
    private(set) var weights: Int?
    private(set) var kinds: [Table.Kind]
    /// The notation of each column in training.
    private(set) var notations: [ColumnNotation?]
    /// Notices to a person where columns were not matched by their names as they stand.
    let notices: [String]

    /// A column by its name and number in the training file.
    private struct Wanted {
        let name: String
        let number: Int
    }

    init(_ encoder: TableEncoder, in file: some TableFile, needsTarget: Bool) throws(DataError) {
        kinds = [Table.Kind](repeating: .skip, count: file.names.count)
        notations = [ColumnNotation?](repeating: nil, count: file.names.count)
        var wanted = encoder.columns.map { Wanted(name: $0.name, number: $0.number) }
        if needsTarget {
            wanted += encoder.targets.map { Wanted(name: $0.name, number: $0.number) }
            wanted += [encoder.weights].compactMap { $0 }.map { Wanted(name: $0.name, number: $0.number) }
        }
        let isByName = encoder.hasHeader && file.hasHeader
        let (places, notice) =
            try isByName ? Self.byName(wanted, in: file) : Self.byNumber(wanted, encoder, in: file)
        notices = [notice].compactMap { $0 }
        columns = Array(places.prefix(encoder.columns.count))
        for (column, at) in zip(encoder.columns, places) {
            kinds[at] = encoder.dates.contains(column.number) ? .date : column.kind
            notations[at] = encoder.notation(ofColumn: column.number)
        }
        guard needsTarget else { return }
        for (target, at) in zip(encoder.targets, places.dropFirst(encoder.columns.count)) {
            kinds[at] = encoder.dates.contains(target.number) ? .date : target.isText ? .categorical : .numeric
            notations[at] = encoder.notation(ofColumn: target.number)
            targets.append(at)
        }
        if let column = encoder.weights, let at = places.last {
            kinds[at] = .numeric
            notations[at] = encoder.notation(ofColumn: column.number)
            weights = at
        }
    }

    /// Columns by their names; where a name is not there, by one that differs in case and blanks alone.
    private static func byName(_ wanted: [Wanted], in file: some TableFile) throws(DataError) -> ([Int], String?) {
        var exact: [String: Int] = [:]
        for (place, name) in file.names.enumerated() where exact[name] == nil { exact[name] = place }
        let taken = Set(wanted.compactMap { exact[$0.name] })
        var similar: [String: [Int]] = [:]
        for (place, name) in file.names.enumerated() where !taken.contains(place) {
            similar[ExpectedNames.key(name), default: []].append(place)
        }
        var (places, missing, renamed) = ([Int](), [String](), [String]())
        for name in wanted.map(\.name) {
            if let place = exact[name] {
                places.append(place)
            } else if let found = similar[ExpectedNames.key(name)], found.count == 1, !places.contains(found[0]) {
                places.append(found[0])
                renamed.append("\"\(escaped(file.names[found[0]], limit: 60))\" as \"\(escaped(name, limit: 60))\"")
            } else {
                missing.append(name)
            }
        }
        let nearest = missing.map { nearestName(to: $0, in: file.names) }
        if missing.count > 1 {
            throw .unknownColumns(file: file.path, names: missing, nearest: nearest, columns: file.names)
        }
        if let name = missing.first {
            throw .unknownColumn(file: file.path, name: name, nearest: nearest[0], columns: file.names)
        }
        guard !renamed.isEmpty else { return (places, nil) }
        let shown =
            renamed.prefix(5).joined(separator: ", ") + (renamed.count > 5 ? " and \(renamed.count - 5) more" : "")
        return (
            places, "\(escaped(file.path, limit: 200)): takes the columns \(shown): the names differ in case or blanks"
        )
    }

    /// Columns by their numbers in the training file. Rows may be without the targets, and have only the columns that
    /// are read.
    private static func byNumber(
        _ wanted: [Wanted], _ encoder: TableEncoder, in file: some TableFile
    ) throws(DataError) -> ([Int], String?) {
        let count = file.names.count
        let lacksTargets = wanted.count == encoder.columns.count && count == encoder.columnCount - encoder.targets.count
        let isWhole = count == encoder.columnCount || lacksTargets
        guard isWhole || count == wanted.count else {
            guard encoder.hasHeader, !file.hasHeader else {
                throw .columnCount(file: file.path, expected: encoder.columnCount, found: count)
            }
            throw .unsupported(
                file: file.path,
                detail: "has no header, and \(count) columns, where the model reads \(wanted.count) of "
                    + "\(encoder.columnCount): \(shown(wanted.map(\.name))); write the names of its columns in a first line"
            )
        }
        var ranks: [Int: Int] = [:]
        for (rank, number) in wanted.map(\.number).sorted().enumerated() { ranks[number] = rank }
        let found = wanted.map { column in
            guard isWhole else { return ranks[column.number] ?? 0 }
            return column.number - 1 - (lacksTargets ? encoder.targets.count { $0.number < column.number } : 0)
        }
        guard encoder.hasHeader && !file.hasHeader || !isWhole else { return (found, nil) }
        let named = zip(wanted, found).sorted { $0.1 < $1.1 }.map {
            "column \($0.1 + 1) is \"\(escaped($0.0.name, limit: 60))\""
        }
        let names = named.prefix(8).joined(separator: ", ") + (named.count > 8 ? " and so on" : "")
        let why = file.hasHeader ? "the columns have no names in training" : "the first line names no column"
        return (found, "\(escaped(file.path, limit: 200)): \(why), so they are matched by place: \(names)")
    }

    private static func shown(_ names: [String]) -> String {
        names.prefix(20).map { "\"\(escaped($0, limit: 60))\"" }.joined(separator: ", ")
            + (names.count > 20 ? ", ..." : "")
    }
}
