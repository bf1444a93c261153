extension Unary {
    /// Adds the derivative of the slope with respect to the reference (the output where `slopeFromOutput`, else the
    /// input), times the node `factor`. None for functions that are linear almost everywhere.
    func addCurvature(at reference: Int, times factor: Int, to tangents: inout TangentBuilder) -> [Int] {
        func scaled(_ node: Int, _ number: Float, _ tangents: inout TangentBuilder) -> Int {
            tangents.add(.unary(.scale(number)), [node])
        }
        func plus(_ number: Float, _ node: Int, _ tangents: inout TangentBuilder) -> Int {
            tangents.add(.unary(.offset(number)), [node])
        }
        func times(_ a: Int, _ b: Int, _ tangents: inout TangentBuilder) -> Int {
            tangents.add(.binary(.multiply), [a, b])
        }
        func over(_ a: Int, _ b: Int, _ tangents: inout TangentBuilder) -> Int {
            tangents.add(.binary(.divide), [a, b])
        }
        let r = reference
        switch self {
        case .relu, .leakyRelu, .scale, .offset: return []
        case .tanh, .reciprocal:  // slopes 1 - r^2 and -r^2
            return [scaled(times(factor, r, &tangents), -2, &tangents)]
        case .sigmoid:  // r (1 - r)
            let curvature = plus(1, scaled(r, -2, &tangents), &tangents)
            return [times(factor, curvature, &tangents)]
        case .exp:  // r
            return [factor]
        case .square:  // 2 x
            return [scaled(factor, 2, &tangents)]
        case .log:  // 1 / x
            return [scaled(over(over(factor, r, &tangents), r, &tangents), -1, &tangents)]
        case .sqrt:  // 1 / 2r
            return [scaled(over(over(factor, r, &tangents), r, &tangents), -0.5, &tangents)]
        case .gelu:  // (2 - x^2) times the normal density at x
            let square = tangents.add(.unary(.square), [r])
            let density = tangents.add(.unary(.exp), [scaled(square, -0.5, &tangents)])
            let rest = scaled(plus(-2, square, &tangents), -0.398_942_28, &tangents)
            return [times(factor, times(density, rest, &tangents), &tangents)]
        case .silu:  // s' (2 + x (1 - 2 s)) with the sigmoid s of x
            let sigmoid = tangents.add(.unary(.sigmoid), [r])
            let slope = tangents.add(.unaryGradient(.sigmoid), [sigmoid, factor])
            let turn = times(plus(1, scaled(sigmoid, -2, &tangents), &tangents), r, &tangents)
            return [times(slope, plus(2, turn, &tangents), &tangents)]
        }
    }
}
