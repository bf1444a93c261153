import CKernels

/// The parameters, the optimizer's vectors, and the average and older versions of the parameters.
///
/// This state outlives the memory that updates work in: where the batch grows, it is handed to the next engine.
struct TrainedState: ~Copyable {
    let layout: ParameterLayout
    private let parameterMemory: Memory
    private let mirrorMemory: Memory
    private let vectorMemory: Memory
    /// The addresses of the numbers, valid while this value lives.
    let pointers: Pointers

    /// The addresses of the vectors that engines work on.
    struct Pointers {
        /// The parameters and running statistics, in the order of the layout.
        let parameters: UnsafeMutablePointer<Float>
        /// Flipped copies of convolutions' weights, which backward passes read.
        let mirrors: UnsafeMutablePointer<Float>
        /// The optimizer's vectors, each as long as the parameters.
        let states: [UnsafeMutablePointer<Float>]
        /// The average of the parameters; nil where the recipe has none.
        let average: UnsafeMutablePointer<Float>?
        /// The older versions of the parameters; nil where no gradient is late.
        let versions: ParameterVersions?
    }

    /// Allocates the memory, filled with zeros; processes that train together may share the parameters.
    init(_ plan: ExecutionPlan, sharedBy communicator: (any Communicator)? = nil) throws(PlanError) {
        let parameters = try Memory(
            floats: plan.layout.count, sharedBy: plan.mayShareParameters ? communicator : nil)
        let mirrors = try Memory(floats: plan.program.mirrorFloats)
        let optimizer = try Memory(floats: plan.stateFloats)
        let (base, length) = (optimizer.base, plan.layout.count)
        let vectors = plan.rules.optimizer.stateNames.count
        layout = plan.layout
        pointers = Pointers(
            parameters: parameters.base, mirrors: mirrors.base, states: (0..<vectors).map { base + $0 * length },
            average: plan.rules.average.map { _ in base + vectors * length },
            versions: ParameterVersions(plan, at: base + vectors * length + plan.averageFloats))
        parameterMemory = consume parameters
        mirrorMemory = consume mirrors
        vectorMemory = consume optimizer
    }

    /// Whether another process that shares the parameters writes those with which all begin.
    var isBegunElsewhere: Bool { parameterMemory.isBegunElsewhere }

    // MARK: Values, each in the order of its shape

    /// The parameters and running statistics.
    var parameterValues: [[Float]] { values(pointers.parameters) }

    /// The optimizer's vectors: for each vector, one array a parameter.
    var stateValues: [[[Float]]] { pointers.states.map { values($0) } }

    /// The average of the parameters; nil where the recipe has none.
    var averageValues: [[Float]]? { pointers.average.map { values($0) } }

    /// The parameters as they were one update ago, two updates ago and so on, before the update of a number; none where no
    /// gradient is late.
    func versionValues(beforeUpdate number: Int) -> [[[Float]]] {
        guard let versions = pointers.versions else { return [] }
        return (1...versions.most).map { values(versions[number - 1 - $0].parameters) }
    }

    /// Writes versions as `versionValues` gives them.
    func setVersions(_ values: [[[Float]]], beforeUpdate number: Int) {
        guard let versions = pointers.versions else { return }
        for (age, version) in zip(1..., values) { write(version, to: versions[number - 1 - age].parameters) }
    }

    /// Makes all older versions those of now, as they are before the first update.
    func beginVersions() {
        guard let versions = pointers.versions else { return }
        for number in 0...versions.most {
            versions[number].parameters.update(from: pointers.parameters, count: layout.count)
        }
    }

    private func values(_ vector: UnsafeMutablePointer<Float>) -> [[Float]] {
        layout.values(vector)
    }

    private func write(_ values: [[Float]], to vector: UnsafeMutablePointer<Float>) {
        for (index, value) in values.enumerated() { layout.write(value, index, to: vector) }
    }

    func setState(_ values: [[[Float]]]) {
        for (vector, value) in zip(pointers.states, values) { write(value, to: vector) }
    }

    func setAverage(_ values: [[Float]]) {
        if let average = pointers.average { write(values, to: average) }
    }

    /// Writes new parameters. The engine that works on them flips its mirrors then: see `Engine.flipMirrors`.
    func setParameters(_ values: [[Float]]) { write(values, to: pointers.parameters) }

    /// Writes one parameter anew. The engine that works on it flips its mirror then.
    func setParameter(_ index: Int, _ values: [Float]) { layout.write(values, index, to: pointers.parameters) }

    /// Begins the parameters: see `Parameter.initialValue`. No more memory is needed than they have.
    func initialise(seed: UInt64) {
        for (index, parameter) in layout.parameters.enumerated() {
            let random = CounterRandom(seed: seed, purpose: .initialisation, layer: index)
            layout.write(index, to: pointers.parameters) { parameter.initialValue(random, at: $0) }
        }
    }

    /// Begins the parameters for a measurement of speed, which needs numbers of the right size: a few of them, repeated.
    func initialiseForMeasuring(seed: UInt64) {
        let few = 1 << 16
        for (index, parameter) in layout.parameters.enumerated() {
            let random = CounterRandom(seed: seed, purpose: .initialisation, layer: index)
            let values = (0..<min(few, parameter.count)).map { parameter.initialValue(random, at: $0) }
            layout.write(index, to: pointers.parameters) { values[$0 % few] }
        }
    }

    /// The first parameter that holds a number that is not finite.
    var parameterThatIsNotFinite: String? {
        layout.parameters.indices.first {
            !bw_largest_magnitude(pointers.parameters + layout.offsets[$0], layout.parameters[$0].count).isFinite
        }.map { layout.parameters[$0].name }
    }
}
