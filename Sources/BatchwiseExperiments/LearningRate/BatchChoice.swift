import Batchwise

/// The batches that a measurement compares.
struct BatchChoice {
    /// The sizes, in ascending order.
    private(set) var sizes: [Int]
    /// The place of the recipe's size, or of the middle one where that is not among them.
    private(set) var reference = 0
    /// Sentences about sizes that were left out.
    private(set) var notices: [String] = []

    /// The sizes that were asked for, all of which must be possible; or the recipe's size, a quarter and four times of it,
    /// as far as they are.
    init(_ subject: Subject, asked: [Int]?) throws {
        let examples = try subject.epochLength
        guard examples > 1 else { throw MeasurementError.tooFewExamples(found: examples, needed: 2) }
        let usual = min(subject.recipe.batch.size, examples)
        if let asked {
            sizes = Set(asked).sorted()
            if let large = sizes.last, large > examples {
                throw MeasurementError.batchBeyondData(batch: large, examples: examples)
            }
        } else {
            sizes = [usual]
            for size in [usual / 4, min(4 * usual, examples)] where size >= 1 && size != usual {
                do {
                    try Self.check(size, subject)
                    sizes.append(size)
                } catch {
                    notices.append("batch \(size) is left out: \(error)")
                }
            }
            sizes.sort()
        }
        reference = sizes.firstIndex(of: usual) ?? sizes.count / 2
    }

    /// Throws where the recipe cannot have batches of this size.
    private static func check(_ size: Int, _ subject: Subject) throws {
        _ = try Plan(
            subject.recipe(batch: size, rate: .constant(1), updates: 1, seed: subject.recipe.seed),
            data: subject.data.train, machine: subject.machine)
    }
}
