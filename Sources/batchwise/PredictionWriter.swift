import Batchwise
import BatchwiseData
import Foundations

/// Writes predictions: to standard output part by part, and to a file when all have come.
final class PredictionWriter {
    private let file: OutputFile?
    private let fileForm: PredictionFormat?
    /// The form of standard output; nil for one JSON object.
    private let form: PredictionFormat?
    private let probabilities: Bool
    private var header: PredictionHeader?
    /// The bytes of the file so far.
    private var bytes: [UInt8] = []
    /// All parts, where only all of them make an output.
    private var parts: [PredictionPart] = []

    /// - Parameter form: the form of standard output, where there is no file; nil for one JSON object.
    init(file: OutputFile?, form: PredictionFormat?, probabilities: Bool) {
        self.file = file
        self.form = form
        self.probabilities = probabilities
        fileForm = file.flatMap { PredictionFormat(file: $0.path) }
    }

    func begin(_ predictor: RowPredictor) {
        header = PredictionHeader(predictor, probabilities: probabilities)
    }

    /// Adds the predictions of a part of the rows; nil where all of them were left out.
    func add(_ predictions: Predictions?, _ part: NewRowsPart) throws {
        guard let header else { return }
        let part = PredictionPart(header: header, predictions: predictions, names: part.names, gaps: part.gaps)
        if fileForm == .npy || form == nil { parts.append(part) }
        let isFirst = !hasBegun
        hasBegun = true
        if let fileForm, fileForm != .npy { bytes += part.lines(fileForm, withHeader: isFirst) }
        if file == nil, let form { try Output.write(part.lines(form, withHeader: isFirst)) }
    }

    private var hasBegun = false

    func end() throws {
        guard let header else { return }
        if let file {
            try file.write(fileForm == .npy ? try header.npy(parts) : bytes)
        }
        if form == nil { try Output.write(header.json(parts)) }
    }
}
