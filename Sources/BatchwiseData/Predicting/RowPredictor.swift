import Batchwise
import Foundations

/// A predictor from raw rows, as a file holds them, to class names and probabilities or values in the target's own
/// unit.
///
/// ```swift
/// let prices = try RowPredictor(Model(contentsOf: "runs/houses/model.safetensors"))
/// print(try prices.predictions(for: ["rooms": 3, "street": "Elm Street", "built": nil])[0])
/// ```
/// Preprocessing is inside: rows are encoded as the training file's were. It may be used from any number of threads.
public struct RowPredictor: Sendable {
    /// The predictor from features.
    public let predictor: Predictor
    /// The preprocessing that turns raw rows into features.
    public let preprocessing: Preprocessing
    private let encoder: RowEncoder?

    /// - Throws: `PredictionError.noPreprocessing` where the model was saved without, `DataError.badPreprocessing`
    ///   where that is damaged, `GraphError` or `PlanError` where the model cannot be run.
    public init(_ model: Model, machine: Machine = Machine()) throws {
        guard let preprocessing = try model.preprocessing else { throw PredictionError.noPreprocessing }
        try self.init(model, preprocessing, machine: machine)
    }

    /// A predictor with preprocessing that is known to be the model's.
    package init(_ model: Model, _ preprocessing: Preprocessing, machine: Machine) throws {
        guard preprocessing.fits(outputs: model.outputs) else {
            throw DataError.badPreprocessing("targets that are not those of its \(model.outputs) outputs")
        }
        predictor = try Predictor(model, machine: machine)
        self.preprocessing = preprocessing
        encoder = if case .table(let table) = preprocessing.features { RowEncoder(table) } else { nil }
    }

    /// The columns that the model reads, in the order of the training file; empty where it was trained on something
    /// else.
    public var columns: [String] { encoder?.names ?? [] }

    /// The names of the classes; empty for regression.
    public var classes: [String] {
        if case .classes(let names) = preprocessing.target { names } else { [] }
    }

    /// The names of several targets; empty where there is one, or no name.
    public var targets: [String] {
        guard case .table(let encoder) = preprocessing.features, encoder.targets.count > 1 else { return [] }
        return encoder.targets.map(\.name)
    }

    // MARK: Rows

    /// The prediction for a row of a table, given by the names of its columns. Columns that the model does not read are
    /// ignored.
    ///
    /// A text that training did not have is encoded as in a file: all features of its column are 0.
    public func predictions(for row: [String: Cell]) throws(PredictionError) -> Predictions {
        try predictions(features: try tableEncoder().features(row))
    }

    /// The prediction for a row of a table, given as cells in the order of ``columns``.
    public func predictions(for row: [Cell]) throws(PredictionError) -> Predictions {
        try predictions(features: try tableEncoder().features(row))
    }

    /// The predictions for images of the model's own size, one after the other: bytes by lines, pixels, channels.
    public func predictions(pixels: [UInt8]) throws(PredictionError) -> Predictions {
        guard case .uniform(let scale, let shift) = preprocessing.features else { throw otherKind }
        return try predictions(features: pixels.map { shift.addingProduct(Float($0), scale) })
    }

    /// The predictions for rows of numbers, one after the other, in the order of the array that the model was trained
    /// with.
    public func predictions(numbers: [Double]) throws(PredictionError) -> Predictions {
        let width = predictor.featureCount
        guard numbers.count % width == 0 else { throw .featureCount(expected: width, found: numbers.count) }
        let numbers =
            preprocessing.channels == .first
            ? ChannelTurn(to: preprocessing.featureShape).turned(numbers) : numbers
        let features: [Float]
        switch preprocessing.features {
        case .uniform(let scale, let shift): features = numbers.map { Float($0) * scale + shift }
        case .perFeature(let means, let deviations):
            features = numbers.enumerated().map {
                Float(($1 - means[$0 % width]) / deviations[$0 % width])
            }
        case .sparse(_, let magnitudes):
            features = numbers.enumerated().map {
                magnitudes.isEmpty ? Float($1) : Float($1) / magnitudes[$0 % width]
            }
        case .table, .characters: throw otherKind
        }
        return try predictions(features: features)
    }

    /// The predictions for features, row by row, as the model sees them.
    public func predictions(features: [Float]) throws(PredictionError) -> Predictions {
        Predictions(
            outputs: try predictor.standardisedOutputs(of: features), width: predictor.outputCount, preprocessing)
    }

    // MARK: Files

    /// The predictions for the examples of a data set, which
    /// ``Preprocessing/load(newRows:labels:needsTarget:header:rows:badLines:source:memory:unknown:notes:)`` has read.
    public func predictions(for data: Dataset) throws -> Predictions {
        Predictions(outputs: try predictor.standardisedOutputs(for: data), width: predictor.outputCount, preprocessing)
    }

    private func tableEncoder() throws(PredictionError) -> RowEncoder {
        guard let encoder else { throw otherKind }
        return encoder
    }

    var otherKind: PredictionError {
        let shape = preprocessing.featureShape.map(String.init).joined(separator: "x")
        return switch preprocessing.features {
        case .uniform: .otherKind(expected: "images or arrays of \(shape)")
        case .perFeature: .otherKind(expected: "arrays of \(shape) numbers")
        case .sparse: .otherKind(expected: "sparse rows of \(shape) numbers")
        case .characters: .otherKind(expected: "text")
        case .table: .otherKind(expected: "rows of a table")
        }
    }
}

extension Preprocessing {
    /// Whether a model of so many outputs can have these targets.
    package func fits(outputs: Int) -> Bool {
        switch target {
        case .classes(let names): names.count == outputs || names.count == 2 && outputs == 1
        case .regression(let means, _): means.count == outputs
        case .none: true
        }
    }
}
