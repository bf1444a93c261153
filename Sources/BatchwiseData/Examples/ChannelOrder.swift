import Batchwise

/// The decision which axis of an array of images holds their channels.
///
/// Layers read channels last, `[height, width, channels]`; PyTorch keeps them first, `[channels, height, width]`.
/// Where the recipe does not say, a shape is read as channels first if it can hardly mean anything else.
package struct ChannelOrder: Sendable {
    /// The axis that the recipe names, or that the training array had; nil where the shape decides.
    var axis: DataSource.ChannelAxis?
    /// The features of the model that new rows are read for; nil where a model is to be trained.
    var modelShape: [Int]?

    /// The axis of the channels of an array, and a line for a person where nobody has named it.
    struct Found {
        var axis: DataSource.ChannelAxis
        var notice: String?
    }

    /// The numbers of channels that images usually have: gray, RGB, RGB and alpha.
    private static let usualCounts = [1, 3, 4]
    /// The shortest side of an image that is recognised by its shape, and the most times that the other may be longer.
    private static let (shortest, longest) = (8, 4)

    /// Decides for an array whose examples have this shape.
    ///
    /// - Throws: `DataError.badSource` where the recipe says `first` of examples that are no images.
    func found(_ example: [Int], in path: String) throws(DataError) -> Found {
        let text = example.map(String.init).joined(separator: "x")
        guard example.count == 3 else {
            guard axis == .first, modelShape == nil else { return Found(axis: .last) }
            throw .badSource(
                "data.channels: first is for arrays of images, (examples, channels, height, width), and the examples "
                    + "of \(path) have the shape \(text.isEmpty ? "of one number" : text); remove it")
        }
        let (count, height, width) = (example[0], example[1], example[2])
        if let modelShape {
            // the order whose shape is the model's, and where both are, that of training
            let (fitsFirst, fitsLast) = ([height, width, count] == modelShape, example == modelShape)
            return Found(axis: fitsFirst && fitsLast ? axis ?? .last : fitsFirst ? .first : .last)
        }
        if let axis { return Found(axis: axis) }
        guard Self.usualCounts.contains(count), min(height, width) > 1, max(height, width) >= count else {
            return Found(axis: .last)
        }
        let (shorter, longer) = (min(height, width), max(height, width))
        if shorter >= Self.shortest, longer <= Self.longest * shorter, !Self.usualCounts.contains(width) {
            let channels = count == 1 ? "whose only channel stands first" : "whose \(count) channels stand first"
            return Found(
                axis: .first,
                notice: "\(path): \(text) is read as images of \(height)x\(width) pixels \(channels); "
                    + "data.channels: last reads it as \(count) x \(height) pixels of \(width) channels")
        }
        return Found(
            axis: .last,
            notice: "\(path): \(text) is read as images of \(count)x\(height) pixels whose \(width) channels stand "
                + "last; data.channels: first reads it as \(height)x\(width) pixels of \(count) channels")
    }
}
