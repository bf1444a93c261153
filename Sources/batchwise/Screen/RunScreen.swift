import Batchwise
import BatchwiseData
import BatchwiseRuns

/// A run in one screen before it trains: what is learnt, from which columns and rows, by which model, and how.
///
/// ```
/// learn      diabetes: 2 classes, neg 65.6%, pos 34.4%
/// from       PimaIndiansDiabetes2.csv: 8 columns, 13 features
///            8 numbers, standardised: pregnant, glucose, pressure, triceps,
///            insulin, mass, pedigree, age
/// rows       615 to train, 153 to test
/// model      flatten, dense 128, relu, dense 64, relu, dense 2; 10,306 parameters
/// ```
/// It fits a terminal of 80 columns and 24 lines. The internals of the plan stay out of it.
struct RunScreen {
    let recipe: Recipe
    let data: LoadedData
    let plan: Plan
    let rate: LearningRate.Resolved
    /// The number of outputs of the model.
    let outputs: Int
    let updates: (done: Int, all: Int)
    let examples: (done: Int, ofEpoch: Int)
    /// The most epochs of the run.
    let epochs: Int
    let speed: Plan.Speed?
    let processes: Int
    let directory: String

    static let width = 80
    /// The lines of a terminal.
    private static let height = 24
    /// The column in which the text of a field begins.
    private static let margin = 11

    init(_ run: borrowing Run) {
        recipe = run.recipe
        data = run.data
        plan = run.plan
        rate = run.rate
        outputs = run.outputs
        updates = (run.progress.updates, run.totalUpdates)
        examples = (run.progress.examples, run.examplesPerEpoch)
        epochs = run.epochLimit
        speed = run.speed
        processes = run.processCount
        directory = run.path
    }

    /// The lines, none longer than 80 columns.
    func lines() throws -> [String] {
        let data = field("learn", target, most: 2) + field("from", source, most: 1)
        var rest: [String] = []
        if let leftOut { rest += field("left out", leftOut, most: 2) }
        rest += field("rows", rows, most: 1)
        rest += field("model", try model(), most: 3)
        rest += field("batch", batch, most: 3)
        rest += field("rate", rateText, most: 2)
        rest += field("optimizer", try optimizer(), most: 2)
        rest += field("epochs", epochText, most: 2)
        rest += field("run", ScreenList([escaped(directory, limit: Self.textWidth)]), most: 1)
        // the columns take the lines that are left, as far as they need them
        return data + features(most: min(8, Self.height - data.count - rest.count)) + rest
    }

    /// The columns of the text of a field.
    static let textWidth = width - margin

    /// The lines of a field, whose name stands in the first of them.
    func field(_ name: String, _ list: ScreenList, most: Int) -> [String] {
        list.lines(width: Self.textWidth, most: most).enumerated().map { number, line in
            let name = number == 0 ? name : ""
            return name + String(repeating: " ", count: Self.margin - name.count) + line
        }
    }
}
