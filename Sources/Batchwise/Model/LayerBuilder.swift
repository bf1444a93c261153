/// Collects the layers of a `body`. Types are erased here, once; `if`, `for` and optionals keep every layer.
@resultBuilder
public enum LayerBuilder {
    /// Takes one layer of the body.
    public static func buildExpression(_ layer: some Layer) -> LayerList {
        layer as? LayerList ?? LayerList([layer])
    }
    /// Takes one layer whose type is not known when the program is compiled.
    public static func buildExpression(_ layer: any Layer) -> LayerList {
        layer as? LayerList ?? LayerList([layer])
    }
    /// Joins the layers of a block, in order.
    public static func buildBlock(_ parts: LayerList...) -> LayerList {
        LayerList(parts.flatMap(\.layers))
    }
    /// Takes the layers of an `if` without `else`; there are none where its condition is false.
    public static func buildOptional(_ part: LayerList?) -> LayerList {
        part ?? LayerList([])
    }
    /// Takes the layers of the first branch of an `if` or `switch`.
    public static func buildEither(first: LayerList) -> LayerList { first }
    /// Takes the layers of the other branch of an `if` or `switch`.
    public static func buildEither(second: LayerList) -> LayerList { second }
    /// Joins the layers of all rounds of a `for` loop, in order.
    public static func buildArray(_ parts: [LayerList]) -> LayerList {
        LayerList(parts.flatMap(\.layers))
    }
    /// Takes the layers of an `if #available`.
    public static func buildLimitedAvailability(_ part: LayerList) -> LayerList { part }
}
