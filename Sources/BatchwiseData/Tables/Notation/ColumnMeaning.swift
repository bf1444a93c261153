import Batchwise

/// The way in which the cells of a column are written, where it is not the way of programs.
public enum ColumnNotation: Codable, Equatable, Sendable {
    case numbers(NumberNotation)
    case dates(DateNotation)
}

/// The meaning of a column of texts: the value of each of its different texts, NaN where it stands for none.
enum ColumnMeaning {
    case texts
    case numbers(NumberNotation, values: [Double])
    case dates(DateNotation, values: [Double])

    var values: [Double]? {
        switch self {
        case .texts: nil
        case .numbers(_, let values), .dates(_, let values): values
        }
    }

    var isDate: Bool { if case .dates = self { true } else { false } }

    var notation: ColumnNotation? {
        switch self {
        case .texts: nil
        case .numbers(let notation, _): notation.isPlain ? nil : .numbers(notation)
        case .dates(let notation, _): .dates(notation)
        }
    }
}

/// A column whose meaning is to be decided.
struct OpenColumn {
    let name: String
    /// The type that is wanted.
    let kind: Table.Kind
    /// The different texts; nil for a column of numbers.
    var texts: ColumnTexts?
    /// The evidence of the points in a column of numbers.
    var points = PlainPoints.none
    /// The notation that the model was trained with, where it was not that of programs.
    var stored: ColumnNotation?
    /// Whether a model that has been trained reads the column.
    var isFromModel = false

    var storedNumbers: NumberNotation? { if case .numbers(let notation)? = stored { notation } else { nil } }
    var storedDates: DateNotation? { if case .dates(let notation)? = stored { notation } else { nil } }
    /// Whether the column may become numbers or dates.
    var isOpen: Bool { texts != nil && (kind == .either || kind == .numeric || kind == .date) }
}

/// The evidence that plain numbers give of the meaning of their points.
enum PlainPoints: Sendable {
    /// No number has a point.
    case none
    /// A number shows that points are decimal signs.
    case decimal
    /// Three digits stand behind every point, and one to three before it.
    case doubtful
}

/// Settings of the recipe that settle doubts.
struct SaidNotation: Equatable, Sendable {
    var decimal: DataSource.DecimalSign?
    var dates: DataSource.DateOrder?
    /// Whether the container tells numbers from texts, as JSON and XLSX do, and so writes them with points.
    var hasTypedNumbers = false
    /// Whether the rows are a part of a stream: its other parts must be read alike, so that this one settles no doubts.
    var isPart = false
}
