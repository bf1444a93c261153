import Foundations

/// Notices to a person about columns, at most five of a kind.
struct ColumnNotices {
    enum Kind: Int, CaseIterable { case doubt, order, almost, mixed, unit, years, numbers }

    private static let most = 5
    private var texts: [Kind: [String]] = [:]
    private let file: String

    init(file: String) { self.file = escaped(file, limit: 200) }

    mutating func add(_ kind: Kind, _ column: String, _ detail: String) {
        texts[kind, default: []].append("\(file): the column \"\(escaped(column, limit: 60))\" \(detail)")
    }

    var all: [String] {
        Kind.allCases.flatMap { kind in
            let texts = texts[kind] ?? []
            let more = texts.count - Self.most
            return texts.prefix(Self.most) + (more > 0 ? ["\(file): \(more) more columns have such notices"] : [])
        }
    }
}
