import CKernels

/// The mean of each window.
struct AveragePoolTraits: OperationTraits {
    let pool: PoolShape

    func shape(of inputs: [Shape]) -> Shape? { pool.output }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) {
        backward.accumulate(backward.add(.averagePoolGradient(pool), [dy]), into: backward.inputs(of: node)[0])
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] {
        tangents.addProductRule(.averagePool(pool), of: node)
    }

    func sharing(_ shape: Shape, rows: Int, workers: Int) -> Sharing { rows == 1 ? .lines : .rows }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        let x = inputs[0]
        return pool.windows(count: x.count).map { window in
            Scalar(window.reduce(0.0) { $0 + Double(x[$1]) } / Double(window.count))
        }
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        Instruction(BW_DO_AVERAGE_POOL, x: node.x(0), y: node.y).of(pool)
    }
}

/// The slope of each window is divided evenly among its numbers.
struct AveragePoolGradientTraits: OperationTraits {
    let pool: PoolShape

    func shape(of inputs: [Shape]) -> Shape? { pool.input }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) throws(GraphError) {
        throw backward.noGradient(of: node)
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] {
        tangents.addProductRule(.averagePoolGradient(pool), of: node)
    }

    func sharing(_ shape: Shape, rows: Int, workers: Int) -> Sharing { rows == 1 ? .lines : .rows }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        let dy = inputs[0]
        let images = dy.count / (pool.outHeight * pool.outWidth * pool.channels)
        var dx = [Double](repeating: 0, count: images * pool.height * pool.width * pool.channels)
        for (window, slope) in zip(pool.windows(count: dx.count), dy) {
            for place in window { dx[place] += Double(slope) / Double(window.count) }
        }
        return dx.map { Scalar($0) }
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        Instruction(BW_DO_AVERAGE_POOL_GRADIENT, x: node.x(0), y: node.y).of(pool)
    }
}
