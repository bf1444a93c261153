import Batchwise

/// The columns of a new training table that a saved model reads, found as those of new rows are: by name where both
/// tables have names, else by place.
struct KeptColumns {
    /// The places of the columns in the new table, in the model's order.
    let places: [Int]
    /// The type that each column is read as, with those of the roles elsewhere.
    let kinds: [Table.Kind]
    /// The names of the columns that the saved model does not know.
    let leftOut: [String]
    /// The notation of each column of the new table in the training of the model.
    let notations: [ColumnNotation?]
    private let encoder: TableEncoder

    /// Finds the columns; where one is missing, or the recipe says how columns are taken, the reason instead.
    static func find(
        _ encoder: TableEncoder, _ roles: ColumnRoles, in file: some TableFile
    ) -> Result<KeptColumns, Reason> {
        if let place = roles.features.first(where: { roles.rules[$0] != ColumnRule() }) {
            return .failure(Reason("data.columns says how \"\(file.names[place])\" is taken"))
        }
        let isByName = encoder.hasHeader && file.hasHeader
        var places: [Int] = []
        for column in encoder.columns {
            let place = isByName ? file.names.firstIndex(of: column.name) : column.number - 1
            guard let place, roles.features.contains(place) else {
                let name = isByName ? "\"\(column.name)\"" : "\(column.number)"
                return .failure(Reason("the saved model reads a column \(name), and here is none"))
            }
            places.append(place)
        }
        let known = Set(places)
        let others = roles.features.filter { !known.contains($0) }
        guard isByName || others.isEmpty else {
            return .failure(
                Reason("the table has \(roles.features.count) columns, and the saved model reads \(places.count)"))
        }
        var kinds = roles.kinds
        for place in others { kinds[place] = .skip }
        var notations = [ColumnNotation?](repeating: nil, count: kinds.count)
        for (column, place) in zip(encoder.columns, places) {
            notations[place] = encoder.notation(ofColumn: column.number)
            kinds[place] = encoder.dates.contains(column.number) ? .date : column.kind
        }
        return .success(
            KeptColumns(
                places: places, kinds: kinds, leftOut: others.map { file.names[$0] }, notations: notations,
                encoder: encoder))
    }

    /// The encoders of the columns, with their places in the new table.
    var encoders: [ColumnEncoder] {
        zip(encoder.columns, places).map { ColumnEncoder(name: $0.name, number: $1 + 1, encoding: $0.encoding) }
    }

    /// A sentence about columns that are left out; nil where there are none.
    var notice: String? {
        guard !leftOut.isEmpty else { return nil }
        let names = leftOut.prefix(5).map { "\"\($0)\"" }.joined(separator: ", ")
        let more = leftOut.count > 5 ? " and \(leftOut.count - 5) more" : ""
        return "columns that the saved model does not know are left out: \(names)\(more) (from.preprocessing: fitted "
            + "takes them)"
    }

    /// Why the columns are not those of the saved model.
    struct Reason: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }
}
