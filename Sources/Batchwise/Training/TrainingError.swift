/// The reason why a run stopped. The parameters are those before the update that is named, unless a case says
/// otherwise.
public enum TrainingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The loss or a gradient of this update was NaN or infinite; `layer` is where it began.
    case notFinite(update: Int, epoch: Int, layer: String, learningRate: Double)
    /// The examples of this update could not be read.
    case data(update: Int, DataError)
    /// The machine has no room for the larger batches that begin with this update.
    case growth(update: Int, batch: Int, PlanError)
    /// The learning rate follows a metric of validation examples, and the program has not reported it: see
    /// ``Trainer/reportValidation(_:)``.
    case noValidation(epoch: Int, metric: String)
    /// The model could not be evaluated on the validation examples.
    case validation(epoch: Int, reason: String)
    /// The system did not start the thread that would make this update and those after it.
    case noThread(update: Int)
    /// A quantity could not be computed for this update. The update is done, and the run can go on with the next.
    case quantity(update: Int, name: String, reason: String)

    /// One line for a person: the update, the reason, and what to do about it.
    public var description: String {
        switch self {
        case .notFinite(let update, let epoch, let layer, let rate):
            "update \(update) (epoch \(epoch)): numbers stopped being finite in layer \(layer); "
                + "nothing was updated. Try a lower learning rate\(rate > 0 ? " than \(Float(rate))" : ""), warmup, or look for extreme values in the data"
        case .data(let update, let error): "update \(update): \(error)"
        case .growth(let update, let batch, let error): "update \(update), the first of \(batch) examples: \(error)"
        case .noValidation(let epoch, let metric):
            "epoch \(epoch): the learning rate goes by its \(metric), which was not reported. "
                + "Report it after every epoch, or use learning-rate.decay.plateau.metric: train-loss"
        case .noThread(let update):
            "update \(update): the system refuses to start a thread for training: raise the limit on processes (ulimit -u, "
                + "or the container's limit)"
        case .quantity(let update, let name, let reason): "update \(update): cannot compute \(name): \(reason)"
        case .validation(let epoch, let reason): "epoch \(epoch): cannot look at the validation examples: \(reason)"
        }
    }
}
