/// A measurement that a sweep makes of its cells beside their training. None changes a bit of a run.
package enum SweepMeasure: String, Sendable, Hashable, CaseIterable {
    /// How much the loss rises near the parameters that a cell ends with.
    case sharpness
    /// The largest eigenvalue of the Hessian at these parameters.
    case curvature
    /// The gradient noise scale over the runs with the middle batch size.
    case noiseScale = "noise-scale"
}
