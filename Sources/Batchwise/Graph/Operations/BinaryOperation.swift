import CKernels

package enum Binary: Hashable, Sendable {
    case add, subtract, multiply, divide

    var kernel: bw_binary_kind {
        switch self {
        case .add: BW_ADD
        case .subtract: BW_SUBTRACT
        case .multiply: BW_MULTIPLY
        case .divide: BW_DIVIDE
        }
    }
}

/// a + b, a - b, a b or a / b: b has the shape of a, or is a parameter and the end of it, or has 1 as its last axis.
struct BinaryTraits: OperationTraits {
    let binary: Binary

    var ownership: Ownership { .replaces(0) }

    func shape(of inputs: [Shape]) -> Shape? { inputs[0] }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) throws(GraphError) {
        let inputs = backward.inputs(of: node)
        let (a, b) = (inputs[0], inputs[1])
        if backward.isNeeded(a) {
            switch binary {
            case .add, .subtract: backward.accumulate(dy, into: a)
            case .multiply, .divide: backward.accumulate(backward.add(.binary(binary), [dy, b]), into: a)
            }
        }
        guard backward.isNeeded(b) else { return }
        var slope = dy
        switch binary {
        case .add: break
        case .subtract: slope = backward.add(.unary(.scale(-1)), [dy])
        case .multiply: slope = backward.add(.binary(.multiply), [dy, a])
        case .divide:  // d(a / b) / db = -y / b
            let ratio = backward.add(.binary(.multiply), [dy, node])
            slope = backward.add(.unary(.scale(-1)), [backward.add(.binary(.divide), [ratio, b])])
        }
        let shape = backward.graph.shape(b)
        if !shape.hasBatch {
            try backward.addReduction(.sumRows, [slope], of: b)
        } else if shape != backward.graph.shape(a) {
            backward.accumulate(backward.add(.sumLast, [slope]), into: b)
        } else {
            backward.accumulate(slope, into: b)
        }
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] {
        let inputs = tangents.inputs(of: node)
        let (a, b) = (inputs[0], inputs[1])
        let (da, db) = (tangents.tangent(of: a), tangents.tangent(of: b))
        switch binary {
        case .add, .subtract:
            guard let db else { return da.map { [$0] } ?? [] }
            return [tangents.add(.binary(binary), [da ?? tangents.addZeros(like: node), db])]
        case .multiply:
            return tangents.addProductRule(.binary(.multiply), of: node)
        case .divide:  // da / b - y db / b
            var terms = da.map { [tangents.add(.binary(.divide), [$0, b])] } ?? []
            if let db {
                let ratio = tangents.add(.binary(.divide), [tangents.add(.binary(.multiply), [node, db]), b])
                terms.append(tangents.add(.unary(.scale(-1)), [ratio]))
            }
            return terms
        }
    }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        let (a, b, shape, other) = (inputs[0], inputs[1], inputs.shape(0), inputs.shape(1))
        return a.indices.map { index in
            let partner =
                if !other.hasBatch { b[index % b.count] } else if other == shape { b[index] } else {
                    b[index / shape.width]
                }
            return switch binary {
            case .add: a[index] + partner
            case .subtract: a[index] - partner
            case .multiply: a[index] * partner
            case .divide: a[index] / partner
            }
        }
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        let kernel = binary.kernel
        let other = node.shape(1)
        if !other.hasBatch {
            return Instruction(
                BW_DO_BINARY_VECTOR, x: node.x(0), y: node.y, w: node.parameter(1),
                lead: node.size / max(other.elements, 1), width: other.elements, binary: kernel)
        }
        if other.elements != node.size {
            return Instruction(
                BW_DO_BINARY_SCALAR, x: node.x(0), y: node.y, z: node.x(1), lead: node.lead, width: node.width,
                binary: kernel)
        }
        return Instruction(BW_DO_BINARY, x: node.x(0), y: node.y, z: node.x(1), width: node.size, binary: kernel)
    }
}
