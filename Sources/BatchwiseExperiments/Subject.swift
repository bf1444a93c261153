import Batchwise
import BatchwiseData

/// The subject of a measurement: a recipe, its data, and the parameters that are looked at.
package struct Subject: Sendable {
    /// The recipe, with what the data decides filled in.
    package let recipe: Recipe
    package let data: LoadedData
    /// The parameters; nil: those that the recipe begins with.
    package let model: Model?
    package let machine: Machine

    package init(_ recipe: Recipe, data: LoadedData, model: Model? = nil, machine: Machine = Machine()) throws {
        self.recipe = try recipe.completed(for: data)
        self.data = data
        self.model = model
        self.machine = machine
    }

    /// The subject after so long a training.
    package func trained(for length: TrainingLength) throws -> Subject {
        var trainer = try Trainer(
            recipe, data: data.train, validation: data.validation, startingFrom: model, machine: machine)
        let perEpoch = Double(data.train.count)
        func isBefore(_ progress: TrainingProgress) -> Bool {
            switch length {
            case .updates(let count): progress.updates < count
            case .examples(let count): progress.examples < count
            case .epochs(let count): Double(progress.examples) < count * perEpoch
            }
        }
        while !trainer.isFinished, isBefore(trainer.progress) { try trainer.run(updates: 1) { _ in } }
        return try Subject(recipe, data: data, model: trainer.model(), machine: machine)
    }

    /// A probe with batches of a size.
    package func probe(batch: Int, needs: UpdateNeeds, augments: Bool = true) throws -> Probe {
        try Probe(
            recipe, data: data.train, startingFrom: model, batch: batch, needs: needs, augments: augments,
            machine: machine)
    }
}
