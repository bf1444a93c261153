import Foundations

extension Trainer {
    /// Everything that is decided before memory is taken.
    package static func prepare(
        _ recipe: Recipe, data: Dataset, validation: Dataset? = nil, machine: Machine,
        quantities: [any Quantity] = []
    ) throws -> PreparedRun {
        let recipe = try recipe.completed(for: data)
        try recipe.check()
        let loss = recipe.loss ?? .meanSquaredError()
        try recipe.checkMetrics(isClassification: loss.isClassification, hasValidation: validation != nil)
        let (outputs, targetWidth) = try BatchSource.widths(data, loss)
        var graph = try recipe.model.graph(inputShape: data.featureShape, outputs: outputs, purpose: .training)
        try graph.checkPrediction(outputs)
        try graph.freeze(by: recipe.groups)
        // a mixture of two classes: see `bw_softmax_cross_entropy`
        let mixes = recipe.augmentation.mixup != nil && targetWidth == 0
        try graph.appendLoss(loss, targetWidth: mixes ? 3 : targetWidth, withGradients: true)
        guard !recipe.augmentation.changesImages || PixelGrid(data) != nil else {
            throw PlanError.mismatch(
                "augment changes images, and an example here has the shape \(data.featureShape): remove augment")
        }
        guard recipe.precision.isAvailable else {
            throw PlanError.mismatch(
                "precision bfloat16 needs a processor with AVX512-BF16, and this one has none: use precision: float32")
        }
        if case .sparse(let rows) = data.features, rows.areThin, recipe.augmentation.mixup == nil {
            graph.readSparseRows()
        }
        if recipe.augmentation.mixup != nil, graph.readsIds {
            throw PlanError.mismatch("augment mixes features, and an embedding reads ids: remove mixup")
        }
        if recipe.precision == .bfloat16 { graph.multiplyInBFloat16() }
        let orders = try EpochOrders(
            data, sampling: recipe.batch.sampling, block: recipe.batch.block, seed: recipe.seed)
        let schedule = try BatchSchedule(recipe.batch, examples: orders.count, epochs: recipe.epochs, decisions: [])
        guard schedule.batchesPerEpoch > 0 else {
            throw PlanError.noBatches(examples: orders.count, batch: recipe.batch.size)
        }
        let adaScale = try recipe.adaScaleRule(graph, examples: orders.count)
        let rate = try recipe.learningRate.resolved(
            examplesPerEpoch: schedule.examplesPerEpoch, batch: adaScale?.base ?? min(recipe.batch.size, orders.count),
            epochs: recipe.epochs,
            lastUpdate: adaScale != nil
                ? nil
                : schedule.rateClock(
                    beforeBatch: schedule.batches(inEpoch: recipe.epochs) - 1, ofEpoch: recipe.epochs),
            lengthened: recipe.lengthened)
        let averaging = try recipe.average.map { average throws(RecipeError) in
            try WeightAverage.Schedule(
                average, examplesPerEpoch: schedule.examplesPerEpoch, batch: min(recipe.batch.size, orders.count),
                epochs: recipe.epochs)
        }

        try graph.checkIds(in: data)
        let rows = LoadedRows.Source(data: data, augmentation: recipe.augmentation, seed: recipe.seed)
        let threads = machine.resolvedLoadingThreads
        let largest = min(recipe.batch.largestSize, orders.count)
        var loadingBytes =
            orders.byteCount + (rows.isLoaded ? Loader.byteCount(rows, batch: largest, threads: threads) : 0)
        let replicas = recipe.separateReplicas
        let placement = try replicas.map { replicas throws(PlanError) in
            try ReplicaPlacement(replicas.count, machine: machine)
        }
        if replicas != nil, let quantity = quantities.first {
            throw RecipeError.conflict(
                "\(quantity.name) is measured of one model, and replicas makes several: measure none, or remove replicas"
            )
        }
        var quantities = quantities
        if replicas == nil, UpdateRules(recipe, graph: graph).stepsByWholeGradient,
            !quantities.contains(where: { $0.name == GradientNorm().name })
        {
            quantities.append(GradientNorm())
        }
        try graph.check(quantities)
        let rules = UpdateRules(
            recipe, graph: graph,
            measured: quantities.reduce(into: adaScale?.noise.needs ?? []) { $0.formUnion($1.needs) })
        var replicaPlans: BatchPlans?
        if let replicas, let placement {
            let bytes = Replica.mostBytes(placement, replicas, ParameterLayout(graph), recipe.optimizer)
            replicaPlans = try BatchPlans(
                graph: graph, batch: recipe.batch, replicas: replicas.count, rules: rules,
                machine: placement.machineOfEngine(machine, beside: bytes), examples: orders.count,
                loadingBytes: loadingBytes, knowsExamples: !rows.isLoaded)
        }
        let hasOneModel = replicas.map { $0.start != nil } ?? true
        let plans =
            if !hasOneModel, let replicaPlans { replicaPlans } else {
                try BatchPlans(
                    graph: graph, batch: recipe.batch, rules: rules,
                    machine: recipe.asynchronous?.planned(machine) ?? machine, examples: orders.count,
                    loadingBytes: loadingBytes, knowsExamples: !rows.isLoaded)
            }
        if rows.isLoaded, recipe.batch.grow?.noiseRule != nil {
            loadingBytes += try plans.largestChunk() * rows.byteCount
        }
        let products = try quantities.first { $0.needs.contains(.tangent) }.map { quantity in
            var left = machine
            left.memory = machine.memory.map { $0 - plans.largest.bytes - loadingBytes }
            return try HessianProducts.Plans(
                graph, recipe, machine: left, examples: orders.count, knowsExamples: !rows.isLoaded, for: quantity)
        }
        let execution = try plans.plan(of: recipe.batch.size)
        var plan = execution.summary(recipe, data: data, schedule: schedule, rate: rate)
        if let notice = Plan.noticeOfOneModel(recipe) { plan.notices.append(notice) }
        if let growth = recipe.batch.grow {
            plan.bytes = plans.largest.summary(recipe, data: data, schedule: schedule, rate: rate).bytes
            try plan.add(growth, schedule, plans, rate: rate, scaling: recipe.learningRate.scaling)
        }
        if let replicas, let placement, let replicaPlans { plan.add(replicas, placement, replicaPlans.largest) }
        if case .streamed(let features) = data.features, recipe.batch.block == nil,
            features.reader.storedBytes > memoryLimit / 2
        {
            plan.notices.append(
                "\(byteText(features.reader.storedBytes)) of features are shuffled one by one, and the memory is "
                    + "\(byteText(memoryLimit)): batch.block: 1024 shuffles blocks, which a disk reads many times as fast"
            )
        }
        // with post-local SGD there is one model first
        let single =
            (hasOneModel ? graph.singleExampleNotice(schedule, epochs: recipe.epochs) : nil)
            ?? replicas.flatMap { graph.singleExampleNotice(schedule, epochs: recipe.epochs, replicas: $0) }
        if let single { plan.notices.append(single) }
        if let notice = recipe.learningRate.decay.momentumNotice { plan.notices.append(notice) }
        if let adaScale { plan.notices.append(adaScale.notice(recipe)) }
        if let asynchronous = recipe.asynchronous {
            try asynchronous.check(execution, data, machine, quantities, isLoaded: rows.isLoaded)
            plan.workers = asynchronous.workers(machine) ?? plan.workers
            plan.notices.append(asynchronous.notice(machine))
            plan.bytes.workspace += asynchronous.byteCount(execution, machine)
        }
        plan.bytes.loading = loadingBytes
        plan.bytes.gradients += products?.byteCount ?? 0
        plan.layers = graph.layerMemory(execution)
        plan.notices += recipe.rateNotices(rate, batch: min(recipe.batch.size, orders.count))
        // Weights that decide how often an example comes do not count once more.
        let drawn = recipe.batch.sampling?.basis == .weights ? data.withoutWeights : data
        return PreparedRun(
            recipe: recipe, machine: machine, plan: plan, execution: execution, plans: plans,
            replicaPlans: replicaPlans, placement: placement,
            replicaStart: replicas.map { replicas in
                replicas.start.map {
                    ExampleClock(
                        examplesPerEpoch: schedule.examplesPerEpoch, batch: min(recipe.batch.size, orders.count),
                        epochs: recipe.epochs
                    ).examples($0)
                } ?? 0
            },
            graph: graph, outputs: outputs, source: BatchSource(data: drawn, loss: loss), rows: rows, orders: orders,
            schedule: schedule, rate: rate, averaging: averaging, adaScale: adaScale, validation: validation,
            quantities: quantities, products: products)
    }
}

extension Graph {
    /// The model must give as many numbers as the targets ask for.
    func checkPrediction(_ outputs: Int) throws(GraphError) {
        let shape = shape(prediction)
        guard shape.hasBatch, shape.elements == outputs, shape.count == 2 else {
            throw .output(expected: "[batch, \(outputs)]", found: shape)
        }
    }
}
