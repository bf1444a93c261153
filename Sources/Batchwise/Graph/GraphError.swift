/// An error in a model that cannot be turned into a graph. It is thrown before anything runs.
public enum GraphError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A layer was given an input whose shape it does not accept. `at` is the layer's path in the model.
    case shape(at: String, expected: String, found: Shape)
    /// The shape of the model's output is not the one that the targets need.
    case output(expected: String, found: Shape)
    /// A setting of a layer makes no sense: zero filters, or groups that do not divide the channels.
    case setting(at: String, String)
    /// Two parameters have the same name.
    case duplicateName(String)
    /// The graph cannot express an operation on symbols.
    case unsupported(at: String, String)
    /// A gradient was asked for through an operation that has none, because only backward passes contain it.
    case noGradient(at: String, operation: String)
    /// A tangent was asked for of an operation that has none.
    case noTangent(at: String, operation: String)

    /// The shape that layers for images expect.
    static let image = "[batch, height, width, channels]"

    /// One line for a person: the layer, the mistake, and what to do about it.
    public var description: String {
        switch self {
        case .shape(let path, Self.image, let found) where found.hasBatch && found.lengths.count == 1:
            "layer \(path): expected \(Self.image), found \(found): convolution and pooling need images, and these are rows "
                + "of \(found.lengths[0]) numbers, as of a table; use model: mlp or linear for them"
        case .shape(let path, let expected, let found):
            "layer \(path): expected \(expected), found \(found)"
        case .output(let expected, let found):
            "the model's last layer gives \(found), and the targets ask for \(expected): end the model with {dense: classes}"
        case .setting(let path, let reason):
            "layer \(path): \(reason)"
        case .duplicateName(let name):
            "two layers have a parameter named \(name): give one of the layers another name"
        case .unsupported(let path, let reason):
            "layer \(path): \(reason)"
        case .noGradient(let path, let operation):
            "layer \(path): there is no gradient through \(operation): build the loss from operations of layers only"
        case .noTangent(let path, let operation):
            "layer \(path): there is no tangent of \(operation): append tangents once, to a training graph in float32"
        }
    }
}

extension Int {
    /// The largest setting of a layer, and the most numbers that a tensor of one example or a parameter may hold:
    /// beyond them a model is a mistake, and arithmetic on shapes cannot overflow below them.
    static let largestSetting = 1 << 20
    static let largestTensor = 1 << 31
}
