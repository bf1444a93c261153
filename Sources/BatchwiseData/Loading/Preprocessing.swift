import Batchwise

/// Turns raw rows into the features of a model, and outputs into results: fitted to training rows only, saved with the
/// model.
public struct Preprocessing: Codable, Equatable, Sendable {
    /// The way from an example to its features.
    public enum Features: Codable, Equatable, Sendable {
        /// Every number becomes `number * scale + shift`: bytes, with the mean and deviation of all of them.
        case uniform(scale: Float, shift: Float)
        /// Feature i becomes `(number - means[i]) / deviations[i]`: arrays of other numbers.
        case perFeature(means: [Double], deviations: [Double])
        /// Index `firstIndex + i` of sparse rows is feature i, and becomes `number / magnitudes[i]`; none means 1 for
        /// all.
        case sparse(firstIndex: Int, magnitudes: [Float])
        /// The characters before a position of a text become their places in this vocabulary.
        case characters([String])
        /// The columns of a table, each in its own way.
        case table(TableEncoder)
    }

    /// The meaning of a model's outputs.
    public enum Target: Codable, Equatable, Sendable {
        /// Output i is the class `names[i]`.
        case classes(names: [String])
        /// Output i is `(number - means[i]) / deviations[i]`.
        case regression(means: [Double], deviations: [Double])
        /// The outputs have no meaning that is known: the data has no target.
        case none

        /// One output, which is `(number - mean) / deviation`.
        public static func regression(mean: Double, deviation: Double) -> Self {
            .regression(means: [mean], deviations: [deviation])
        }
    }

    /// The shape of one example as the model sees it.
    public let featureShape: [Int]
    /// The way from an example to its features.
    public let features: Features
    /// The meaning of the model's outputs.
    public let target: Target
    /// The axis of the channels in the arrays of images that the model was trained with, where it was the first; nil
    /// elsewhere. The shape above has them last.
    public let channels: DataSource.ChannelAxis?

    /// Preprocessing that has been fitted elsewhere; `check()` tells whether its parts fit together.
    public init(
        featureShape: [Int], features: Features, target: Target, channels: DataSource.ChannelAxis? = nil
    ) {
        self.featureShape = featureShape
        self.features = features
        self.target = target
        self.channels = channels
    }

    /// The preprocessing without the ranges of columns, which models of earlier versions do not have and no prediction
    /// depends on.
    package var withoutRanges: Preprocessing {
        guard case .table(let encoder) = features else { return self }
        return Preprocessing(
            featureShape: featureShape, features: .table(encoder.withoutRanges), target: target, channels: channels)
    }
}
