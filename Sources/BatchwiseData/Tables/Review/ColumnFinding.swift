import Batchwise

/// A reason why a column is not learnt from, or should be known to a person.
enum ColumnFinding {
    /// No row has a value.
    case empty
    /// Every row has the same value.
    case constant(String)
    /// The column is a target once more.
    case copy(target: String, isText: Bool)
    /// The column counts the rows, and has a name for that.
    case index(first: Double)
    /// The column has another whole number in each row, and a name for that.
    case ids
    /// The column has another text in nearly every row.
    case texts(DifferentTexts)
    /// The column has about as many different texts as rows.
    case manyTexts(DifferentTexts)
    /// A target is `slope` times the column plus `offset`.
    case line(target: String, slope: Double, offset: Double)
    /// The classes of a target are the values of the column by other names.
    case renamed(target: String)
    /// Each value of the column goes with one class of a target.
    case classes(target: String)
    /// The column counts the rows, but its name does not say so.
    case counts(first: Double)

    /// Whether the column is not learnt from, unless the recipe has a rule for it.
    var isLeftOut: Bool {
        switch self {
        case .empty, .copy, .index, .ids, .texts: true
        case .constant, .manyTexts, .line, .renamed, .classes, .counts: false
        }
    }

    /// The number of the kind, in the order in which notices are written.
    var kind: Int {
        switch self {
        case .index: 0
        case .ids: 1
        case .texts: 2
        case .copy: 3
        case .empty: 4
        case .renamed, .classes, .line: 5
        case .manyTexts: 6
        case .counts: 7
        case .constant: 8
        }
    }

    /// A sentence about the column `name`, without what becomes of it.
    func sentence(_ name: String) -> String {
        switch self {
        case .empty: "the column \(name) has no value in any row"
        case .constant(let value): "the column \(name) is \(value) in every row and tells nothing"
        case .copy(let target, _): "the column \(name) is the target \"\(target)\" once more, in every row"
        case .index(let first): "the column \(name) counts the rows, \(Self.beginning(first))"
        case .ids: "the column \(name) has another whole number in each row, as ids have"
        case .texts(let texts): "the column \(name) has \(Self.number(texts))"
        case .manyTexts(let texts):
            "the column \(name) has \(Self.number(texts)), each a feature of its own"
        case .line(let target, let slope, let offset):
            "the target \"\(target)\" is \(Self.shown(slope)) times the column \(name)"
                + (offset == 0 ? "" : " \(offset < 0 ? "minus" : "plus") \(Self.shown(abs(offset)))") + ", in every row"
        case .renamed(let target):
            "the column \(name) names the classes of the target \"\(target)\" in another way, in every row"
        case .classes(let target): "the column \(name) alone tells the target \"\(target)\", in every row"
        case .counts(let first): "the column \(name) counts the rows, \(Self.beginning(first))"
        }
    }

    /// The rules by which a recipe may learn from a column that is left out otherwise.
    var rules: [String] {
        switch self {
        case .empty, .index, .ids: ["standardise"]
        case .copy(_, let isText): [isText ? "one-hot" : "standardise"]
        case .texts, .manyTexts: ["one-hot", "{hash: 64}"]
        case .constant, .line, .renamed, .classes, .counts: []
        }
    }

    private static func beginning(_ first: Double) -> String { first == 0 ? "0, 1, 2 and so on" : "1, 2, 3 and so on" }

    private static func number(_ texts: DifferentTexts) -> String {
        "\(texts.distinct) different texts in \(texts.cells) rows, the first \"\(escaped(texts.first.text, limit: 30))\" "
            + "in \(texts.first.place)"
    }

    /// A number with six digits.
    private static func shown(_ number: Double) -> String {
        guard number != 0, number.isFinite else { return "\(number)" }
        var scale = 1.0
        while abs(number) * scale < 1e5, scale < 1e15 { scale *= 10 }
        let rounded = (number * scale).rounded() / scale
        return Int(exactly: rounded).map(String.init) ?? "\(rounded)"
    }
}
