/// Everything that two runs are compared by: parameters, running statistics, the optimizer's vectors, losses.
struct AuditSnapshot: Sendable {
    /// Each array by the name of its place.
    var arrays: [(place: String, values: [Float])] = []
    /// How many of them are parameters and running statistics.
    var parameters = 0
    /// The loss of each update.
    var losses: [Double] = []

    init(_ checkpoint: Checkpoint, losses: [Double]) {
        self.losses = losses
        for (parameter, values) in zip(checkpoint.model.parameters, checkpoint.model.values) {
            arrays.append((parameter.name, values))
        }
        parameters = arrays.count
        for (name, vectors) in zip(checkpoint.model.recipe.optimizer.stateNames, checkpoint.optimizerState) {
            for (parameter, values) in zip(checkpoint.model.parameters, vectors) {
                arrays.append(("\(name) of \(parameter.name)", values))
            }
        }
    }

    /// Where and how far this is from another run that began at `start`; nil where every bit is the same.
    func difference(from other: AuditSnapshot, start: AuditSnapshot) -> AuditCertificate.Difference? {
        var found = AuditCertificate.Difference(place: "", unitsInTheLastPlace: 0, count: 0, total: 0, relative: 0)
        func look(_ units: UInt64, _ place: @autoclosure () -> String) {
            found.total += 1
            guard units > 0 else { return }
            found.count += 1
            if units > found.unitsInTheLastPlace { (found.unitsInTheLastPlace, found.place) = (units, place()) }
        }
        var (apart, moved) = (0.0, 0.0)
        for index in arrays.indices {
            let (own, others) = (arrays[index].values, other.arrays[index].values)
            for place in own.indices { look(unitsInTheLastPlace(own[place], others[place]), arrays[index].place) }
            guard index < parameters else { continue }
            let begun = start.arrays[index].values
            for place in own.indices {
                apart += square(own[place], others[place])
                moved += square(others[place], begun[place])
            }
        }
        // a run that goes on has not seen the losses before
        let count = min(losses.count, other.losses.count)
        for (place, (own, others)) in zip(losses.suffix(count), other.losses.suffix(count)).enumerated() {
            look(unitsInTheLastPlace(own, others), "loss of update \(other.losses.count - count + place + 1)")
        }
        guard found.count > 0 else { return nil }
        found.relative = moved > 0 ? (apart / moved).squareRoot() : 0
        return found
    }

    private func square(_ one: Float, _ other: Float) -> Double {
        let difference = Double(one) - Double(other)
        return difference * difference
    }
}
