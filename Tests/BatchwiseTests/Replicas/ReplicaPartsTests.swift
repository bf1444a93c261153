import Testing

@testable import Batchwise

/// The parts of local SGD, each by itself: periods, shares, places, compression, and the recipe's keys.
@Suite struct ReplicaPartsTests {
    // MARK: Periods and shares

    @Test(arguments: [(1, 1), (4, 1), (6, 3), (7, 3), (5, 5)]) func everyFragmentIsAveragedOnceAPeriod(
        length: Int, fragments: Int
    ) {
        let periods = ReplicaPeriods(Replicas(2, updates: length, fragments: fragments))
        var last = Array(repeating: 0, count: fragments)
        for updates in 1...4 * length {
            let due = periods.fragmentsDue(after: updates)
            #expect(due.isEmpty == (periods.updatesLeft(after: updates - 1) > 1))
            for fragment in 0..<fragments {
                #expect(periods.lastAverage(of: fragment, before: updates) == last[fragment])
                if due.contains(fragment) {
                    #expect(updates - last[fragment] <= length)
                    last[fragment] = updates
                }
            }
            if fragments > 1, length % fragments == 0 { #expect(due.count <= 1) }
        }
        #expect(last.allSatisfy { $0 > 3 * length })
    }

    @Test func sharesAndPlacesCoverEverythingOnce() throws {
        for count in 1...9 {
            for batch in [0, 1, 3, 8, 100] {
                let rows = (0..<count).flatMap { LocalBatch.rows(ofReplica: $0, of: count, in: batch) }
                #expect(rows == Array(0..<batch))
            }
            for ranks in 1...count {
                var found: [Int] = []
                for rank in 0..<ranks {
                    var machine = Machine(threads: 3)
                    (machine.ranks, machine.rank) = (ranks, rank)
                    let placement = try ReplicaPlacement(count, machine: machine)
                    #expect(placement.own.allSatisfy { placement.rank(of: $0) == rank } && !placement.own.isEmpty)
                    let places = (0..<placement.engines).map { placement.replicas(ofEngine: $0) }
                    #expect(
                        places.allSatisfy { !$0.isEmpty } && places.flatMap { $0 } == Array(0..<placement.own.count))
                    found += placement.own
                }
                #expect(found == Array(0..<count))
            }
        }
    }

    @Test(arguments: 1...6) func fragmentsCoverTheModel(count: Int) throws {
        let trainer = try Trainer(
            Recipe(model: layers(Dense(90), Tanh(), Dense(20), SiLU(), Dense(.classes))),
            data: SmallData.classes(40))
        let fragments = ParameterPiece.fragments(count, of: trainer.trained.layout)
        #expect(fragments.count == count && fragments.flatMap { $0 } == Array(0..<6))
    }

    // MARK: Compression

    @Test func bfloat16IsTheNearest() {
        var numbers = TestNumbers("bfloat16")
        for _ in 0..<20_000 {
            let number = Float(numbers.normal()) * Float.pow2(numbers.below(200) - 100)
            let half = ChangeCompression.float(ChangeCompression.bfloat16(number))
            // neighbours are a unit of the last of 8 significant bits away
            let unit = Float(sign: .plus, exponent: number.exponent, significand: 1) / 128
            #expect(abs(half - number) <= unit / 2)
        }
        #expect(ChangeCompression.float(ChangeCompression.bfloat16(1.00390625)) == 1, "a tie goes to the even number")
        #expect(ChangeCompression.float(ChangeCompression.bfloat16(1.01171875)) == 1.015625)
        #expect(ChangeCompression.float(ChangeCompression.bfloat16(.nan)).isNaN)
        #expect(ChangeCompression.float(ChangeCompression.bfloat16(-.infinity)) == -.infinity)
    }

    @Test(arguments: [1, 2, 7, 300, 20_000]) func theLargestAreThoseOfASort(count: Int) {
        var numbers = TestNumbers("largest \(count)")
        // few different magnitudes, so that there are ties
        let values = (0..<count).map { _ in Float(numbers.below(40)) * (numbers.below(2) == 0 ? 1 : -1) / 8 }
        for chosen in [1, count / 3, count].filter({ $0 > 0 }) {
            let expected = values.indices.sorted { (-abs(values[$0]), $0) < (-abs(values[$1]), $1) }.prefix(chosen)
            #expect(ChangeCompression.largest(chosen, of: values, count) == expected.sorted())
        }
    }

    @Test(arguments: [ChangeCompression.bfloat16, .largest(fraction: 0.0625)])
    func whatIsLostIsKept(compression: ChangeCompression) {
        var numbers = TestNumbers("lost")
        let count = 1000
        let model = numbers.normals(count).map { Float($0) }
        let replica = model.map { $0 + Float(numbers.normal()) / 16 }
        let before = numbers.normals(count).map { Float($0) / 512 }
        var lost = before
        var bytes = [UInt8](repeating: 0, count: compression.byteCount(count))
        compression.encode(from: model, to: replica, lost: &lost, count: count, into: &bytes)
        var sent = [Double](repeating: 0, count: count)
        compression.add(bytes, count: count, weight: 3, to: &sent)
        for index in 0..<count {
            let change = (replica[index] - model[index]) + before[index]
            #expect(Float(sent[index] / 3) + lost[index] == change)
        }
        #expect(compression.byteCount(count) == (compression == .bfloat16 ? 2 * count : 8 * 63))
        #expect(sent.contains { $0 != 0 })
    }

    // MARK: Recipes

    @Test func keysAreReadAsTheyAreWritten() throws {
        for text in [
            "{count: 4, updates: 16}", "{count: 4, updates: 16, start: 5 epochs}",
            "{count: 8, updates: 50, outer: {rate: 0.7, momentum: 0.9, nesterov: true}}",
            "{count: 8, updates: 50, outer: {rate: 0.4, eager: true}}",
            "{count: 3, updates: 2, elastic: 0.1}", "{count: 3, updates: 4, compression: bfloat16, fragments: 2}",
            "{count: 3, updates: 4, compression: {largest: 0.01}}",
        ] {
            let recipe = try Recipe(yaml: "model: linear\nreplicas: \(text)")
            #expect(recipe.replicas != nil)
            #expect(try Recipe(yaml: recipe.yaml()) == recipe)
        }
        let diLoCo = try Recipe(yaml: "model: linear\nreplicas: {count: 2, updates: 5, outer: {}}")
        #expect(diLoCo.replicas?.rule == .outer(OuterOptimizer(rate: 0.7, momentum: 0.9, nesterov: true)))
    }

    @Test(arguments: [
        ("{updates: 3}", "replicas.count is missing"), ("{count: 3}", "replicas.updates is missing"),
        ("{count: 33, updates: 2}", "at most the batch, 32 examples"),
        ("{count: 3, updates: 2, elastic: 0.7}", "below 2 / (count + 1)"),
        ("{count: 3, updates: 2, elastic: 0.1, outer: {}}", "exclude each other"),
        ("{count: 3, updates: 2, fragments: 3}", "from 1 to 2"),
        ("{count: 3, updates: 2, compression: float8}", "bfloat16 or {largest: 0.01}"),
        ("{count: 3, updates: 2, compression: {largest: 0}}", "a fraction above 0"),
        ("{count: 3, updates: 2, outer: {eager: true}, compression: bfloat16}", "none beside outer.eager"),
        ("{count: 3, updates: 2, local: 3}", "unknown key replicas.local"),
        ("{count: 3, updates: 2}\naverage: {ema: 0.9}", "average needs one model"),
    ])
    func mistakesAreNamed(text: String, message: String) throws {
        let error = #expect(throws: RecipeError.self) { try Recipe(yaml: "model: linear\nreplicas: \(text)") }
        #expect("\(try #require(error))".contains(message), "\(error.map { "\($0)" } ?? "")")
    }

    /// A replica whose share is one example is told of batch normalisation as one model is.
    @Test(
        arguments: [
            (
                16, BatchNorm(over: .batch), Replicas(16, updates: 2),
                "a batch has 16 examples, and the share of a replica is 1"
            ),
            (16, BatchNorm(over: .batch), Replicas(5, updates: 2), nil),
            (20, BatchNorm(ghost: 5), Replicas(2, updates: 2), nil),
            (
                18, BatchNorm(ghost: 8), Replicas(2, updates: 2),
                "and the share of a replica is 9: use fewer replicas, or group-norm"
            ),
            (
                14, BatchNorm(over: .batch), Replicas(4, updates: 2, start: .epochs(1)),
                "the last batch of an epoch has 6"
            ),
        ] as [(Int, BatchNorm, Replicas, String?)])
    func singleExamplesAreNoticed(batch: Int, norm: BatchNorm, replicas: Replicas, part: String?) throws {
        var recipe = Recipe(
            model: layers(Dense(8), norm, ReLU(), Dense(.classes)), batch: Batch(size: batch, grain: 1), epochs: 3,
            replicas: replicas)
        if part == nil { recipe.batch.last = .drop }
        let notices = try Plan(recipe, data: SmallData.classes(90)).notices.filter { $0.contains("normalisation") }
        #expect(notices.count == (part == nil ? 0 : 1) && notices.allSatisfy { $0.contains(part ?? "") }, "\(notices)")
    }

    @Test func quantitiesOfOneModelAreRefused() throws {
        let recipe = Recipe(model: layers(Dense(.classes)), replicas: Replicas(2, updates: 4))
        #expect(throws: RecipeError.self) {
            _ = try Trainer(recipe, data: SmallData.classes(64), quantities: [GradientNorm()])
        }
    }
}

extension Float {
    fileprivate static func pow2(_ exponent: Int) -> Float { Float(sign: .plus, exponent: exponent, significand: 1) }
}
