// The needs of a trainer's quantities, and the computation of their values.

extension Trainer {
    /// The next update, with the needs of AdaScale and of the quantities that are due.
    func nextUpdate() -> NextUpdate {
        var next = schedule.update(after: progress)
        if let rule = schedule.adaScale { next.needs = rule.noise.needs }
        for quantity in quantities where quantity.isDue(at: next.number) { next.needs.formUnion(quantity.needs) }
        return next
    }

    /// Computes the quantities that are due, from the update that the engine has just made.
    mutating func measure(_ next: NextUpdate, _ result: UpdateResult, _ engine: Engine) throws(TrainingError) {
        guard !quantities.isEmpty else { return }
        measurements.removeAll()
        var update = MeasuredUpdate(engine, next, result, try products(for: next, engine))
        for quantity in quantities where quantity.isDue(at: next.number) {
            update.needs = quantity.needs
            do {
                try measurements.add(quantity, of: update)
            } catch {
                throw .quantity(update: next.number, name: quantity.name, reason: "\(error)")
            }
        }
    }

    /// The engine of Hessian products, where a quantity that is due needs it.
    mutating func products(
        for next: NextUpdate, _ engine: Engine
    ) throws(TrainingError) -> HessianProducts? {
        guard next.needs.contains(.tangent), let plans = productPlans else { return nil }
        if let products { return products }
        do throws(PlanError) {
            products = try HessianProducts(plans, batch: schedule.batches.phases[phase].size, beside: engine)
        } catch {
            let name = quantities.first { $0.needs.contains(.tangent) }?.name ?? ""
            throw .quantity(update: next.number, name: name, reason: "\(error)")
        }
        return products
    }
}
