/// Products with a weight matrix, and the sums over the batch.
extension Interpreter {
    /// y[r, o] = bias[o] + sum over i of x[r, i] w[i, o]
    static func dense(_ x: [Scalar], _ w: [Scalar], bias: [Scalar]?, outputs: Int) -> [Scalar] {
        let inputs = w.count / outputs
        var y: [Scalar] = []
        for row in 0..<x.count / inputs {
            for output in 0..<outputs {
                var sum = bias?[output] ?? 0
                for input in 0..<inputs {
                    sum = sum.addingProduct(x[row * inputs + input], w[input * outputs + output])
                }
                y.append(sum)
            }
        }
        return y
    }

    /// The same where the weight lies turned: the steps go in turn to sixteen sums, which are added up halves onto halves.
    static func narrowDense(_ x: [Scalar], _ w: [Scalar], bias: [Scalar]?, outputs: Int) -> [Scalar] {
        let inputs = w.count / outputs
        var y: [Scalar] = []
        for row in 0..<x.count / inputs {
            for output in 0..<outputs {
                var sums = [Scalar](repeating: 0, count: 16)
                for input in 0..<inputs {
                    sums[input % 16] =
                        sums[input % 16].addingProduct(x[row * inputs + input], w[input * outputs + output])
                }
                while sums.count > 1 { sums = zip(sums, sums[(sums.count / 2)...]).map { $0 + $1 } }
                y.append(sums[0] + (bias?[output] ?? 0))
            }
        }
        return y
    }

    /// dx[r, i] = sum over o of dy[r, o] w[i, o]
    static func denseInputGradient(_ dy: [Scalar], _ w: [Scalar], inputs: Int) -> [Scalar] {
        let outputs = w.count / inputs
        var dx: [Scalar] = []
        for row in 0..<dy.count / outputs {
            for input in 0..<inputs {
                var sum: Scalar = 0
                for output in 0..<outputs {
                    sum = sum.addingProduct(dy[row * outputs + output], w[input * outputs + output])
                }
                dx.append(sum)
            }
        }
        return dx
    }

    /// dw[i, o] = start[i, o] + sum over r of x[r, i] dy[r, o]
    static func denseWeightGradient(_ x: [Scalar], _ dy: [Scalar], start: [Scalar], _ shape: Shape) -> [Scalar] {
        let outputs = shape.width
        let inputs = shape.elements / outputs
        var dw = start
        for input in 0..<inputs {
            for output in 0..<outputs {
                for row in 0..<x.count / inputs {
                    dw[input * outputs + output] = dw[input * outputs + output]
                        .addingProduct(x[row * inputs + input], dy[row * outputs + output])
                }
            }
        }
        return dw
    }

    /// sum[j] = start[j] + sum over r of dy[r, j], where a row has as many elements as the parameter.
    static func sumRows(_ dy: [Scalar], start: [Scalar]) -> [Scalar] {
        var sum = start
        for row in 0..<dy.count / start.count {
            for column in start.indices { sum[column] += dy[row * start.count + column] }
        }
        return sum
    }

    /// y[p] = table[ids[p]]
    static func embedding(ids: [Scalar], table: [Scalar], width: Int) -> [Scalar] {
        ids.flatMap { table[Int($0) * width..<(Int($0) + 1) * width] }
    }

    /// dTable[ids[p]] += dy[p], in ascending order of the positions p.
    static func embeddingGradient(ids: [Scalar], _ dy: [Scalar], start: [Scalar], width: Int) -> [Scalar] {
        var sum = start
        for (position, id) in ids.enumerated() {
            for column in 0..<width { sum[Int(id) * width + column] += dy[position * width + column] }
        }
        return sum
    }
}
