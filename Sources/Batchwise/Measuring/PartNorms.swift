import CKernels

/// Room for the squared norms of the gradients of single examples and of lanes, where quantities need them.
///
/// Parameters are cut into slices as for one worker: the cut, and with it the order of every sum, is a function of
/// model and batch alone.
final class PartNorms {
    /// The method by which the gradient of one example is measured.
    enum Method {
        /// A dense layer on one row an example: |x|^2 |dy|^2.
        case product
        /// A sum over one row an example: |dy|^2.
        case row
        /// Rows of a table: the rows of an example with the same id are added up first.
        case embedding
        /// Any other operation: the gradient of the example is summed, slice by slice, and measured.
        case sum
    }

    /// The method for each gradient of the program.
    let methods: UnsafeMutableBufferPointer<Method>
    let slices: UnsafeMutableBufferPointer<bw_slice>
    /// The slices of each gradient.
    let slicesOfGradients: UnsafeMutableBufferPointer<Range<Int>>
    /// The weights of the batch's examples.
    let weights: UnsafeMutableBufferPointer<Double>
    /// The losses of the batch's examples, without their weights.
    let losses: UnsafeMutableBufferPointer<Double>
    /// The squares for each gradient, one an example. The list is empty where no quantity needs it.
    let examples: UnsafeMutableBufferPointer<Double>
    /// The squares of the lanes' sums: for each lane, one a slice. The list is empty where no quantity needs it.
    let lanes: UnsafeMutableBufferPointer<Double>
    /// The sum of the lane that is under way.
    let laneSum: UnsafeMutablePointer<Float>
    private let memory: Memory
    private let scratch: UnsafeMutablePointer<Float>
    private let scratchFloats: Int

    init(_ plan: ExecutionPlan, _ cuts: [GradientCut]) throws(PlanError) {
        let memory = try Memory(floats: Self.floats(plan, cuts))
        let cut = plan.slices(cuts, workers: 1)
        let gradients = plan.program.gradients
        let needs = plan.rules.measured
        laneSum = memory.base
        scratch = memory.base + Self.laneFloats(plan)
        scratchFloats = Self.scratchFloats(plan, cuts)
        self.memory = consume memory
        methods = .allocate(capacity: gradients.count)
        _ = methods.initialize(from: gradients.map(Method.init))
        slices = .allocate(capacity: cut.slices.count)
        _ = slices.initialize(from: cut.slices)
        slicesOfGradients = .allocate(capacity: gradients.count)
        var first = 0
        for (place, gradient) in gradients.enumerated() {
            let last = cut.slices[first...].firstIndex { $0.parameter != gradient.parameter } ?? cut.slices.count
            slicesOfGradients.initializeElement(at: place, to: first..<last)
            first = last
        }
        weights = .allocate(capacity: plan.rows)
        weights.initialize(repeating: 1)
        losses = .allocate(capacity: plan.rows)
        losses.initialize(repeating: 0)
        examples = .allocate(capacity: needs.contains(.exampleNorms) ? gradients.count * plan.rows : 0)
        examples.initialize(repeating: 0)
        lanes = .allocate(capacity: needs.contains(.laneNorms) ? plan.partition.lanes * cut.slices.count : 0)
        lanes.initialize(repeating: 0)
    }

    deinit {
        methods.deallocate()
        slices.deallocate()
        slicesOfGradients.deallocate()
        weights.deallocate()
        losses.deallocate()
        examples.deallocate()
        lanes.deallocate()
    }

    // MARK: Bytes

    /// The bytes that a plan counts for these norms.
    static func byteCount(_ plan: ExecutionPlan, _ cuts: [GradientCut]) -> Int {
        let needs = plan.rules.measured
        let doubles =
            2 * plan.rows + (needs.contains(.exampleNorms) ? plan.program.gradients.count * plan.rows : 0)
            + (needs.contains(.laneNorms) ? plan.partition.lanes * cuts.sliceCount : 0)
        return Memory.byteCount(floats: floats(plan, cuts)) + doubles * MemoryLayout<Double>.stride
            + cuts.sliceCount * MemoryLayout<bw_slice>.stride
    }

    private static func floats(_ plan: ExecutionPlan, _ cuts: [GradientCut]) -> Int {
        laneFloats(plan) + plan.division.workers * scratchFloats(plan, cuts)
    }

    private static func laneFloats(_ plan: ExecutionPlan) -> Int {
        plan.rules.measured.contains(.laneNorms) ? plan.layout.count : 0
    }

    /// The floats of the longest slice, and the slack that kernels read behind it.
    private static func scratchFloats(_ plan: ExecutionPlan, _ cuts: [GradientCut]) -> Int {
        guard plan.rules.measured.contains(.exampleNorms) else { return 0 }
        return cuts.scratchFloats + Int(BW_SLACK)
    }

    // MARK: Numbers

    func scratch(of thread: Int) -> UnsafeMutablePointer<Float> { scratch + thread * scratchFloats }

    /// The place of the square of an example and a gradient.
    func place(_ example: Int, _ gradient: Int) -> Int { gradient * weights.count + example }

    func squaredNorm(ofExample example: Int, _ gradient: Int) -> Double { examples[place(example, gradient)] }

    /// |sum of w_i g_i over the lane|^2 / (n w)^2, w the mean weight of the training set.
    func squaredSum(ofLane lane: Int, _ gradient: Int) -> Double {
        var sum = 0.0
        for slice in slicesOfGradients[gradient] { sum += lanes[lane * slices.count + slice] }
        return sum
    }
}

extension PartNorms.Method {
    init(_ gradient: Program.ParameterGradient) {
        let first = gradient.reductions[0]
        guard gradient.reductions.count == 1 else {
            self = .sum
            return
        }
        switch first.kind {
        case BW_REDUCE_DENSE where first.example_rows == 1, BW_REDUCE_SPARSE where first.example_rows == 1:
            self = .product
        case BW_REDUCE_SUM_ROWS where first.example_rows == 1: self = .row
        case BW_REDUCE_EMBEDDING: self = .embedding
        default: self = .sum
        }
    }
}
