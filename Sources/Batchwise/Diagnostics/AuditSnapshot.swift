/// The numbers by which two runs are compared: parameters, running statistics, the optimizer's vectors, averages,
/// replicas, losses.
struct AuditSnapshot: Sendable {
    struct Values: Sendable {
        /// The name of a parameter, of a running statistic, or of a vector of the optimizer.
        var place: String
        var numbers: [Float]
        /// Whether training changes these numbers by gradients.
        var isTrained: Bool
    }

    var values: [Values] = []
    /// The loss of each update.
    var losses: [Double] = []

    init(_ checkpoint: Checkpoint, losses: [Double]) {
        self.losses = losses
        let model = checkpoint.model
        for (parameter, numbers) in zip(model.parameters, model.values) {
            values.append(Values(place: parameter.name, numbers: numbers, isTrained: !parameter.isStatistic))
        }
        for (name, vectors) in zip(model.recipe.optimizer.stateNames, checkpoint.optimizerState) {
            for (parameter, numbers) in zip(model.parameters, vectors) {
                values.append(Values(place: "\(name) of \(parameter.name)", numbers: numbers, isTrained: false))
            }
        }
        // the parameters' average, the best parameters, older versions and replicas
        for (name, vectors) in checkpoint.vectors.sorted(by: { $0.key < $1.key }) {
            // no gradient reads the running statistics of an older version
            let isVersion = name.hasPrefix(Checkpoint.versions)
            for (parameter, numbers) in zip(model.parameters, vectors) where !(isVersion && parameter.isStatistic) {
                values.append(Values(place: "\(name) of \(parameter.name)", numbers: numbers, isTrained: false))
            }
        }
    }

    /// The difference from another run that began at `start`; nil where every bit is the same.
    ///
    /// The difference names a loss only where no 32-bit number differs: 64-bit numbers lie much closer together.
    func difference(from other: AuditSnapshot, start: AuditSnapshot) -> AuditCertificate.Difference? {
        var found = AuditCertificate.Difference(place: "", unitsInTheLastPlace: 0, count: 0, total: 0, relative: 0)
        func look(_ units: UInt64, _ place: @autoclosure () -> String) {
            found.total += 1
            guard units > 0 else { return }
            found.count += 1
            if units > found.unitsInTheLastPlace { (found.unitsInTheLastPlace, found.place) = (units, place()) }
        }
        var (apart, moved) = (0.0, 0.0)
        for (index, own) in values.enumerated() {
            let others = other.values[index].numbers
            // the start has no vectors that begin with an update
            let begun = own.isTrained ? start.values[index].numbers : others
            for (place, number) in own.numbers.enumerated() {
                look(unitsInTheLastPlace(number, others[place]), own.place)
                guard own.isTrained else { continue }
                apart += square(number, others[place])
                moved += square(others[place], begun[place])
            }
        }
        // a run that resumes does not know the losses of the updates before
        let count = min(losses.count, other.losses.count)
        let (ownLosses, losses) = (losses.suffix(count), other.losses.suffix(count))
        let isApart = found.count > 0
        for (place, (own, others)) in zip(ownLosses, losses).enumerated() {
            let units = unitsInTheLastPlace(own, others)
            if isApart {
                found.total += 1
                found.count += units > 0 ? 1 : 0
            } else {
                look(units, "loss of update \(other.losses.count - count + place + 1)")
            }
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
