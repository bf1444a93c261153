import CKernels

/// The largest number of each window; not a number where one is.
struct MaxPoolTraits: OperationTraits {
    let pool: PoolShape

    func shape(of inputs: [Shape]) -> Shape? { pool.output }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) {
        let x = backward.inputs(of: node)[0]
        backward.accumulate(backward.add(.maxPoolGradient(pool), [x, dy]), into: x)
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] {
        let x = tangents.inputs(of: node)[0]
        return tangents.tangent(of: x).map { [tangents.add(.maxPoolTangent(pool), [x, $0])] } ?? []
    }

    func sharing(_ shape: Shape, rows: Int, workers: Int) -> Sharing { rows == 1 ? .lines : .rows }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        Interpreter<Scalar>.maxPool(pool, inputs[0])
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        Instruction(BW_DO_MAX_POOL, x: node.x(0), y: node.y).of(pool)
    }
}

/// The slope of each window goes to the first of its largest numbers.
struct MaxPoolGradientTraits: OperationTraits {
    let pool: PoolShape

    func shape(of inputs: [Shape]) -> Shape? { inputs[0] }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) throws(GraphError) {
        throw backward.noGradient(of: node)
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] {
        // which number is the largest does not change
        let inputs = tangents.inputs(of: node)
        return tangents.tangent(of: inputs[1]).map { [tangents.add(.maxPoolGradient(pool), [inputs[0], $0])] } ?? []
    }

    /// Windows that overlap may send their slopes to one line.
    func sharing(_ shape: Shape, rows: Int, workers: Int) -> Sharing {
        rows == 1 && pool.strideHeight >= pool.windowHeight ? .lines : .rows
    }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        Interpreter<Scalar>.maxPoolGradient(pool, inputs[0], inputs[1])
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        Instruction(BW_DO_MAX_POOL_GRADIENT, x: node.x(0), y: node.y, z: node.x(1)).of(pool)
    }
}

/// The tangent of the first of the largest numbers of each window.
struct MaxPoolTangentTraits: OperationTraits {
    let pool: PoolShape

    func shape(of inputs: [Shape]) -> Shape? { pool.output }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) throws(GraphError) {
        throw backward.noGradient(of: node)
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] {
        let inputs = tangents.inputs(of: node)
        return tangents.tangent(of: inputs[1]).map { [tangents.add(.maxPoolTangent(pool), [inputs[0], $0])] } ?? []
    }

    func sharing(_ shape: Shape, rows: Int, workers: Int) -> Sharing { rows == 1 ? .lines : .rows }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        let (x, tangent) = (inputs[0], inputs[1])
        return pool.windows(count: x.count).map { tangent[Interpreter<Scalar>.firstOfLargest($0, x)] }
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        Instruction(BW_DO_MAX_POOL_TANGENT, x: node.x(0), y: node.y, z: node.x(1)).of(pool)
    }
}

extension Interpreter {
    static func maxPool(_ shape: PoolShape, _ x: [Scalar]) -> [Scalar] {
        shape.windows(count: x.count).map { window in
            var largest = x[window[0]]
            for place in window where x[place] > largest || x[place].isNaN { largest = x[place] }
            return largest
        }
    }

    static func maxPoolGradient(_ shape: PoolShape, _ x: [Scalar], _ dy: [Scalar]) -> [Scalar] {
        var dx = [Scalar](repeating: 0, count: x.count)
        for (window, slope) in zip(shape.windows(count: x.count), dy) { dx[firstOfLargest(window, x)] += slope }
        return dx
    }

    static func firstOfLargest(_ window: [Int], _ x: [Scalar]) -> Int {
        var first = window[0]
        for place in window where x[place] > x[first] { first = place }
        return first
    }
}
