import Foundation
import TestSupport

@testable import Batchwise
@testable import BatchwiseData
@testable import BatchwiseRuns

extension TemporaryFolder {
    /// A copy of a run as it is now, which has the files that SIGKILL would leave at this moment.
    func copy(_ run: String, to name: String) throws {
        try FileManager.default.copyItem(atPath: at(run), toPath: at(name))
    }

    func append(_ text: String, to name: String) throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: at(name)))
        try file.seekToEnd()
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
    }

    /// The updates, decisions, epochs and evaluations of a run, without what a clock says of them.
    func course(_ run: String) throws -> [RunEvent] {
        try RunLog(of: at(run)).events.compactMap { event in
            switch event {
            case .update(var update):
                (update.time, update.seconds) = ("", 0)
                return .update(update)
            case .growth(var growth):
                growth.time = ""
                return .growth(growth)
            case .epoch(var epoch):
                (epoch.time, epoch.seconds, epoch.stall, epoch.examplesPerSecond) = ("", 0, nil, nil)
                return .epoch(epoch)
            case .evaluation(var evaluation):
                (evaluation.time, evaluation.seconds) = ("", nil)
                return .evaluation(evaluation)
            default: return nil
            }
        }
    }
}

enum Recipes {
    /// Six epochs of 41 updates on the digits, some of which validate.
    static func digits(epochs: Int = 6, validation: Double? = 0.1) -> Recipe {
        var data = DataSource(train: DataSource.digits)
        data.split.validation = validation
        return Recipe(
            data: data,
            model: LayerList {
                Dense(12)
                ReLU()
                Dense(.classes)
            }, batch: Batch(size: 32), epochs: epochs)
    }
}
