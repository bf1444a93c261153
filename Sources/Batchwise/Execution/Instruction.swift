import CKernels

/// Instructions of a program: see `program.h`.
typealias Instruction = bw_instruction

extension bw_instruction {
    /// Offsets that are nil stand for no tensor or no parameter.
    init(
        _ operation: bw_operation, x: Int, y: Int? = nil, z: Int? = nil, u: Int? = nil, v: Int? = nil, w: Int? = nil,
        bias: Int? = nil, lead: Int = 1, width: Int = 0, unary: bw_unary_kind = BW_RELU,
        binary: bw_binary_kind = BW_ADD, constant: Float = 0, stream: Int = 0, targetWidth: Int = 0, coupling: Int = 0,
        moments: Int = 0, magnitude: Int = 0
    ) {
        self.init()
        self.operation = operation
        self.x = x
        self.y = y ?? Int(BW_NONE)
        self.z = z ?? Int(BW_NONE)
        self.u = u ?? Int(BW_NONE)
        self.v = v ?? Int(BW_NONE)
        weight = w ?? Int(BW_NONE)
        self.bias = bias ?? Int(BW_NONE)
        example_rows = lead
        self.width = width
        self.unary = unary
        self.binary = binary
        self.constant = constant
        self.stream = UInt64(stream)
        target_width = targetWidth
        self.coupling = coupling
        self.moments = moments
        self.magnitude = magnitude
    }

    /// An instruction with the shape that its kernel takes.
    func of(_ dense: bw_dense_shape) -> Self { changed { $0.shape.dense = dense } }
    func of(_ convolution: ConvolutionShape) -> Self { changed { $0.shape.convolution = convolution.kernel } }
    func of(_ pad: PadShape) -> Self { changed { $0.shape.pad = pad.kernel } }
    func of(_ pool: PoolShape) -> Self { changed { $0.shape.pool = pool.kernel } }
    func of(_ normalisation: Normalisation) -> Self {
        changed {
            switch normalisation {
            case .group(let lead, let positions, let channels, let groups, let epsilon):
                $0.example_rows = lead
                $0.constant = epsilon
                $0.shape.normalisation = .init(positions: positions, channels: channels, parts: groups)
            case .ghost(let size, let positions, let channels, let epsilon):
                $0.constant = epsilon
                $0.shape.normalisation = .init(positions: positions, channels: channels, parts: size)
            case .batch(let positions, let channels, let epsilon):
                $0.constant = epsilon
                $0.shape.normalisation = .init(positions: positions, channels: channels, parts: 0)
            }
        }
    }

    func changed(_ change: (inout Self) -> Void) -> Self {
        var copy = self
        change(&copy)
        return copy
    }

    /// This instruction followed in place by the element-wise `next`; nil where `next` is not an element-wise function
    /// of its result.
    func fused(with next: Self) -> Self? {
        guard !is_fused.isTrue, next.y == y, next.x == y else { return nil }
        switch (operation, next.operation) {
        case (BW_DO_DENSE, BW_DO_UNARY), (BW_DO_CONVOLUTION, BW_DO_UNARY), (BW_DO_SCALE_AND_SHIFT, BW_DO_UNARY),
            (BW_DO_DENSE_INPUT_GRADIENT, BW_DO_UNARY_GRADIENT):
            return changed {
                $0.is_fused = 1
                $0.unary = next.unary
                $0.constant = next.constant
                $0.z = next.z
            }
        case (BW_DO_BINARY_VECTOR, BW_DO_BINARY_VECTOR)
        where binary == BW_MULTIPLY && next.binary == BW_ADD && width == next.width:
            return changed {
                $0.operation = BW_DO_SCALE_AND_SHIFT
                $0.bias = next.weight
            }
        default: return nil
        }
    }
}

extension Int32 {
    /// A truth value of C.
    var isTrue: Bool { self != 0 }
}
