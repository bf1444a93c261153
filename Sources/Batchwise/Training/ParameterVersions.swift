/// The last versions of the parameters, a ring from which late gradients are taken: see ``Asynchronous``.
///
/// Version k is that after k updates. The ring holds the versions k, k - 1, ... k - most; before the first update all of
/// them are the parameters that training begins with.
struct ParameterVersions {
    /// The most updates that a gradient is late.
    let most: Int
    private let base: UnsafeMutablePointer<Float>
    /// Floats of the parameters of a version, and of a version.
    private let parameters, stride: Int

    /// The parameters of a version, and the flipped copies of convolutions' weights among them.
    struct Version {
        let parameters, mirrors: UnsafeMutablePointer<Float>
    }

    /// Versions in memory of `floats(of:)`; nil where no gradient is late.
    init?(_ plan: ExecutionPlan, at base: UnsafeMutablePointer<Float>) {
        guard plan.rules.mostDelay > 0 else { return nil }
        self.base = base
        most = plan.rules.mostDelay
        parameters = plan.layout.count
        stride = Self.stride(of: plan)
    }

    static func floats(of plan: ExecutionPlan) -> Int {
        plan.rules.mostDelay == 0 ? 0 : (plan.rules.mostDelay + 1) * stride(of: plan)
    }

    private static func stride(of plan: ExecutionPlan) -> Int {
        plan.layout.count + (plan.program.mirrorFloats + 15) / 16 * 16
    }

    /// The version after so many updates; numbers below 0 stand for the beginning.
    subscript(number: Int) -> Version {
        let place = number % (most + 1)
        let first = base + (place < 0 ? place + most + 1 : place) * stride
        return Version(parameters: first, mirrors: first + parameters)
    }
}
