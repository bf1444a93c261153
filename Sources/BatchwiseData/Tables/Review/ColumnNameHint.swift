/// The use that a column's name suggests, where it is to number or name the rows.
enum ColumnNameHint: Equatable {
    /// Nothing suggests it.
    case none
    /// The name is one for the number of a row, such as `row` or `nr`.
    case row
    /// The name is one for what tells rows apart, such as `user_id` or `order number`.
    case id
    /// The name, or its lack in the first column, is that of an index which a program has written beside the data.
    case index

    private static let rows: Set<String> = [
        "row", "rows", "rownum", "nr", "no", "num", "#", "obs", "observation", "sno", "srno", "slno", "seq", "sequence",
        "record", "case", "instance", "sample", "line", "lfdnr", "recno",
    ]
    private static let ids: Set<String> = [
        "id", "ids", "uuid", "guid", "key", "pk", "code", "number", "no", "nr", "num", "serial", "identifier", "uid",
        "rowid", "isbn", "ean", "ssn", "hash", "#",
    ]
    private static let indices: Set<String> = ["index", "idx", "rownames", "rowname", "rowindex"]

    /// - Parameters:
    ///   - place: the column's place, from 0.
    ///   - hasHeader: whether the file names its columns.
    init(_ name: String, at place: Int, hasHeader: Bool) {
        let words = Self.words(name)
        let joined = words.joined()
        if place == 0, !hasHeader {
            // the first column may be a feature, unless it counts
            self = .row
        } else if place == 0, name.isEmpty || name == "column 1" {
            self = .index
        } else if words.starts(with: ["unnamed"]) || Self.indices.contains(joined) || name.hasPrefix("...") {
            self = .index
        } else if let last = words.last, Self.ids.contains(last) && words.count > 1 || Self.ids.contains(joined) {
            // "no" and "nr" alone may be a number of anything
            self = words.count == 1 && Self.rows.contains(joined) ? .row : .id
        } else {
            self = Self.rows.contains(joined) ? .row : .none
        }
    }

    /// The words of a name in small letters: `PassengerId`, `passenger_id` and `passenger id` have the same two.
    private static func words(_ name: String) -> [String] {
        var words: [String] = []
        var word = ""
        var wasSmall = false
        for letter in name {
            let isBreak = !(letter.isLetter || letter.isNumber || letter == "#")
            if isBreak || letter.isUppercase && wasSmall, !word.isEmpty {
                words.append(word)
                word = ""
            }
            if !isBreak { word += letter.lowercased() }
            wasSmall = letter.isLowercase || letter.isNumber
        }
        return word.isEmpty ? words : words + [word]
    }
}
