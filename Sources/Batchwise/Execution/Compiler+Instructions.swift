import CKernels

extension Compiler {
    /// The instruction that computes a node; nil for what is there already, or comes last as a reduction.
    func instruction(for index: Int, _ capacity: Int) -> Instruction? {
        let node = graph.nodes[index]
        let y = tensor(index, capacity).offset
        let size = node.shape.elements
        let width = node.shape.width
        let lead = size / max(width, 1)
        func at(_ position: Int) -> Int { tensor(node.inputs[position], capacity).offset }
        func shape(_ position: Int) -> Shape { graph.shape(node.inputs[position]) }
        func optional(_ position: Int) -> Int? {
            node.inputs.count > position ? parameter(node.inputs[position]) : nil
        }
        func dense(inputs: Int, outputs: Int) -> bw_dense_shape {
            guard case .parameter(let weight) = graph.nodes[node.inputs[1]].operation else { return .init() }
            return .init(inputs: inputs, outputs: outputs, panel: layout.panel(weight))
        }
        func isBFloat16(_ dense: bw_dense_shape) -> Int32 {
            graph.precision == .bfloat16 && dense.panel > 0 && graph.nodes[node.inputs[0]].operation != .sparseInput
                ? 1 : 0
        }
        switch node.operation {
        case .input, .sparseInput, .target, .share, .parameter, .reshape, .denseWeightGradient,
            .convolutionWeightGradient,
            .embeddingGradient, .sumRows:
            return nil
        case .dense:
            let dense = dense(inputs: shape(0).width, outputs: width)
            return Instruction(
                BW_DO_DENSE, x: at(0), y: y, w: parameter(node.inputs[1]), bias: optional(2), lead: lead, width: width
            ).of(dense).changed { $0.is_bfloat16 = isBFloat16(dense) }
        case .denseInputGradient:
            let dense = dense(inputs: width, outputs: shape(0).width)
            return Instruction(
                BW_DO_DENSE_INPUT_GRADIENT, x: at(0), y: y, w: parameter(node.inputs[1]), lead: lead, width: width
            ).of(dense).changed { $0.is_bfloat16 = isBFloat16(dense) }
        case .convolution(let convolution):
            return Instruction(
                BW_DO_CONVOLUTION, x: at(0), y: y, w: parameter(node.inputs[1]), bias: optional(2), width: size
            ).of(convolution)
        case .convolutionInputGradient(let convolution):
            return Instruction(BW_DO_CONVOLUTION, x: at(0), y: y, w: mirror(node.inputs[1]), width: size)
                .of(convolution).changed { $0.is_mirrored = 1 }
        case .pairRows: return Instruction(BW_DO_PAIR_ROWS, x: at(0), y: y, lead: lead, width: width)
        case .pad(let pad): return Instruction(BW_DO_PAD, x: at(0), y: y, width: size).of(pad)
        case .unary(let unary):
            return Instruction(
                BW_DO_UNARY, x: at(0), y: y, width: size, unary: unary.kernel.kind,
                constant: unary.kernel.constant)
        case .unaryGradient(let unary):
            return Instruction(
                BW_DO_UNARY_GRADIENT, x: at(1), y: y, z: at(0), width: size, unary: unary.kernel.kind,
                constant: unary.kernel.constant)
        case .binary(let binary):
            let kind = binary.kernel
            let other = shape(1)
            if !other.hasBatch {
                return Instruction(
                    BW_DO_BINARY_VECTOR, x: at(0), y: y, w: parameter(node.inputs[1]),
                    lead: size / max(other.elements, 1), width: other.elements, binary: kind)
            }
            if other.elements != size {
                return Instruction(
                    BW_DO_BINARY_SCALAR, x: at(0), y: y, z: at(1), lead: lead, width: width, binary: kind)
            }
            return Instruction(BW_DO_BINARY, x: at(0), y: y, z: at(1), width: size, binary: kind)
        case .dropout(let rate, let stream):
            return Instruction(BW_DO_DROPOUT, x: at(0), y: y, width: size, constant: rate, stream: stream)
        case .sumLast: return Instruction(BW_DO_SUM_LAST, x: at(0), y: y, lead: size, width: shape(0).width)
        case .spreadLast: return Instruction(BW_DO_SPREAD_LAST, x: at(0), y: y, lead: lead, width: width)
        case .maxPool(let pool): return Instruction(BW_DO_MAX_POOL, x: at(0), y: y).of(pool)
        case .maxPoolGradient(let pool):
            return Instruction(BW_DO_MAX_POOL_GRADIENT, x: at(0), y: y, z: at(1)).of(pool)
        case .averagePool(let pool): return Instruction(BW_DO_AVERAGE_POOL, x: at(0), y: y).of(pool)
        case .averagePoolGradient(let pool): return Instruction(BW_DO_AVERAGE_POOL_GRADIENT, x: at(0), y: y).of(pool)
        case .moments(.batch), .normalise(.batch), .normaliseGradient(.batch):
            return coupledInstruction(for: index, capacity)
        case .moments(let kind):
            return Instruction(kind.isGhost ? BW_DO_GHOST_MOMENTS : BW_DO_GROUP_MOMENTS, x: at(0), y: y).of(kind)
        case .normalise(let kind):
            return Instruction(kind.isGhost ? BW_DO_GHOST_NORMALISE : BW_DO_GROUP_NORMALISE, x: at(0), y: y, z: at(1))
                .of(kind)
        case .normaliseGradient(let kind):
            return Instruction(
                kind.isGhost ? BW_DO_GHOST_NORMALISE_GRADIENT : BW_DO_GROUP_NORMALISE_GRADIENT, x: at(2), y: y,
                z: at(1), v: at(0)
            ).of(kind)
        case .runningNormalise(let epsilon):
            return Instruction(
                BW_DO_RUNNING_NORMALISE, x: at(0), y: y, w: parameter(node.inputs[2]), bias: parameter(node.inputs[1]),
                lead: lead, width: width, constant: epsilon)
        case .runningNormaliseGradient(let epsilon):
            return Instruction(
                BW_DO_RUNNING_NORMALISE, x: at(0), y: y, w: parameter(node.inputs[1]), lead: lead, width: width,
                constant: epsilon)
        case .embedding:
            return Instruction(
                BW_DO_EMBEDDING, x: at(0), y: y, w: parameter(node.inputs[1]), lead: lead, width: width)
        case .loss(let loss):
            // with gradients, the gradient's instruction computes both
            guard graph.gradients.isEmpty else { return nil }
            let (operation, constant) = loss.kernel
            return Instruction(
                operation, x: at(0), z: at(1), u: 0, v: y, width: shape(0).elements, constant: constant,
                targetWidth: shape(1).elements)
        case .lossGradient(let loss):
            let (operation, constant) = loss.kernel
            return Instruction(
                operation, x: at(0), y: y, z: at(1), u: at(2), v: graph.loss.map { tensor($0, capacity).offset },
                width: size, constant: constant, targetWidth: shape(1).elements)
        }
    }
}

extension Normalisation {
    fileprivate var isGhost: Bool { if case .ghost = self { true } else { false } }
}

extension Loss {
    fileprivate var kernel: (operation: bw_operation, constant: Float) {
        switch self {
        case .softmaxCrossEntropy(let smoothing): (BW_DO_SOFTMAX_CROSS_ENTROPY, smoothing)
        case .binaryCrossEntropy: (BW_DO_BINARY_CROSS_ENTROPY, 0)
        case .meanSquaredError(let half): (BW_DO_MEAN_SQUARED_ERROR, half ? 0.5 : 1)
        case .huber(let delta): (BW_DO_HUBER, delta)
        }
    }
}
