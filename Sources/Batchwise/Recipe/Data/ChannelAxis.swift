extension DataSource {
    /// The axis of an array of images that holds their channels.
    ///
    /// ```yaml
    /// data: {train: x.npy, labels: y.npy, channels: first}
    /// ```
    public enum ChannelAxis: String, Codable, CaseIterable, Sendable {
        /// The first axis of an example, as PyTorch keeps images: `[channels, height, width]`.
        case first
        /// The last axis of an example, as layers read images: `[height, width, channels]`.
        case last
    }
}

extension RecipeReader {
    /// Reads `channels`: the number of channels of image files, or the axis of the channels of arrays.
    mutating func channels() throws(RecipeError) -> (count: Int?, axis: DataSource.ChannelAxis?) {
        switch value("channels") {
        case nil: return (nil, nil)
        case .int(let count)? where count == 1 || count == 3: return (count, nil)
        case .string("first")?: return (nil, .first)
        case .string("last")?: return (nil, .last)
        case let other?:
            throw .value(
                at: at("channels"), expected: "1 (gray) or 3 (colour) for image files, first or last for arrays",
                found: other.text)
        }
    }
}
