import CKernels

/// The precision of the numbers that products of dense layers multiply.
public enum Precision: String, Codable, Sendable, Hashable, CaseIterable {
    /// 24 significant bits throughout.
    case float32
    /// 8 significant bits for the factors, and float32 for sums, parameters, optimizer state and everything else: the
    /// factors are rounded to nearest, to even in the middle. Training on processors that have AVX512-BF16;
    /// convolutions, layers of fewer than 16 outputs, evaluation and prediction stay in float32.
    case bfloat16

    /// Whether this processor can compute in this precision.
    package var isAvailable: Bool { self == .float32 || bw_has_bfloat16() != 0 }
}
