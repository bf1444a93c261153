import Foundations

/// An error in predicting for rows. Rows and features count from 0, as in code.
public enum PredictionError: Error, Equatable, Sendable {
    /// The numbers are not whole rows of the model's features.
    case featureCount(expected: Int, found: Int)
    /// The buffer for the results does not have room for exactly them.
    case resultCount(expected: Int, found: Int)
    /// NaN or infinity.
    case notFinite(row: Int, feature: Int, found: Float)
    /// The model's embedding reads whole numbers below `vocabulary`.
    case badId(row: Int, found: Float, vocabulary: Int)
    /// The model gives numbers, and only classes have probabilities.
    case noClasses
    /// The model does not say how raw rows become features.
    case noPreprocessing
    /// The model reads rows of another kind, such as cells of a table.
    case otherKind(expected: String)
    /// A row without one of the columns that the model reads.
    case missingColumn(name: String, nearest: String?)
    /// A row with more or fewer cells than the model reads.
    case cellCount(expected: Int, found: Int)
    /// A cell that its column has no place for.
    case badCell(column: String, detail: String)
    /// A text that is shorter than the model's window, or has a character that training did not have.
    case badText(String)
    /// A temperature below 0, or none.
    case badTemperature(Double)
    /// The machine has no memory or threads for it.
    case machine(PlanError)

    /// The exit code of a program that stops for this, as in sysexits.
    public var exitCode: Int32 {
        switch self {
        case .noClasses, .badTemperature, .machine: 64
        default: 65
        }
    }
}

extension PredictionError: CustomStringConvertible {
    /// A sentence for a person.
    public var description: String {
        switch self {
        case .featureCount(let expected, let found):
            "the model reads rows of \(expected) features, and \(found) numbers are not whole rows: give \(expected) a row"
        case .resultCount(let expected, let found):
            "the results are \(expected) numbers, and the buffer has room for \(found): give one of \(expected)"
        case .notFinite(let row, let feature, let found):
            "row \(row), feature \(feature) is \(found): every feature must be a finite number"
        case .badId(let row, let found, let vocabulary):
            "row \(row) has the id \(found), and the model's embedding reads whole numbers from 0 to \(vocabulary - 1)"
        case .noClasses:
            "this model predicts numbers, and only classes have probabilities"
        case .noPreprocessing:
            "the model was saved without preprocessing, so only the program that made it can feed it"
        case .otherKind(let expected):
            "the model was trained on \(expected): give it those"
        case .missingColumn(let name, let nearest):
            "the row has no column \"\(name)\"\(nearest.map { " (its column \"\($0)\" is not read)" } ?? ""): "
                + "give every column that the model reads, and null where its value is missing"
        case .cellCount(let expected, let found):
            "the row has \(found) cells and the model reads \(expected): give them in the order of the training file"
        case .badCell(let column, let detail):
            "column \"\(column)\": \(detail)"
        case .badText(let detail):
            detail
        case .badTemperature(let found):
            "the temperature is \(found): give a number of at least 0"
        case .machine(let error):
            error.description
        }
    }
}
