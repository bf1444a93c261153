import ArgumentParser
import Batchwise
import BatchwiseData
import BatchwiseExperiments
import BatchwiseRuns

#if BATCHWISE_MPI
    import BatchwiseMPI
#endif

/// The exit status of a command, as in sysexits.
enum ExitStatus: Int32 {
    case usage = 64
    case badData = 65
    case missingInput = 66
    case internalFault = 70
    case cannotCreate = 73
    case inputOutput = 74
    case interrupted = 75
}

/// The reason why a command stops: one line for a person, and its exit status.
struct Failure: Error, CustomStringConvertible {
    var status: ExitStatus
    var message: String
    var description: String { message }

    init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    /// Writes one line about the error to standard error, and returns the exit status.
    ///
    /// The argument parser throws to show help, which is no error: help goes to standard output, with status 0.
    ///
    /// - Parameter place: the process in which it happened, where there are several.
    static func report(_ error: any Error, in place: String? = nil) -> Int32 {
        let (status, message) = explanation(of: error)
        if status == 0 {
            do { try Output.write(HelpText.wrapped(message) + "\n") } catch { return report(error) }
            return 0
        }
        let line = message.split(whereSeparator: \.isNewline).map { $0.trimming(" ") }.joined(separator: " ")
        Output.log("batchwise: \(place.map { "\($0): " } ?? "")\(line)")
        return status
    }

    private static func explanation(of error: any Error) -> (status: Int32, message: String) {
        switch error {
        case let failure as Failure: return (failure.status.rawValue, failure.message)
        case DataError.noTarget: return (ExitStatus.badData.rawValue, "\(error) (or give --target)")
        case let error as DataError: return (error.exitCode, error.description)
        case let error as CheckpointError: return (error.exitCode, error.description)
        case is RecipeError, is GraphError, is PlanError, is QuantityError:
            return (ExitStatus.usage.rawValue, "\(error)")
        case let error as MeasurementError: return (ExitStatus.badData.rawValue, error.description)
        case let error as SweepError: return (error.exitCode, error.description)
        case is SimulationError: return (ExitStatus.usage.rawValue, "\(error)")
        case let error as RunError: return (error.exitCode, error.description)
        case let error as PredictionError: return (error.exitCode, error.description)
        case let error as TrainingError: return (error.exitCode, "\(error)")
        case let error as OtherProcessError: return (ExitStatus.inputOutput.rawValue, "\(error)")
        default: break
        }
        #if BATCHWISE_MPI
            if let error = error as? MPIError { return (ExitStatus.usage.rawValue, "\(error)") }
        #endif
        let status = BatchwiseCommand.exitCode(for: error)
        if status.isSuccess { return (0, BatchwiseCommand.fullMessage(for: error)) }
        if status == .validationFailure {
            return (
                ExitStatus.usage.rawValue,
                "\(OptionForm.explained(BatchwiseCommand.message(for: error))) (see batchwise --help)"
            )
        }
        return (ExitStatus.internalFault.rawValue, "internal fault: \(error)")
    }
}

extension StringProtocol {
    /// The text without this character at both ends.
    func trimming(_ character: Character) -> String {
        var rest = self[...]
        while rest.first == character { rest.removeFirst() }
        while rest.last == character { rest.removeLast() }
        return String(rest)
    }
}
