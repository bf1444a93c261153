extension DataSource: Codable {
    /// Reads what a recipe's data section holds.
    public init(from decoder: any Decoder) throws {
        try self.init(notation: RecipeValue(from: decoder))
    }

    /// Writes only what is set.
    public func encode(to encoder: any Encoder) throws {
        try notation.encode(to: encoder)
    }
}
