extension DataSource {
    /// The treatment of lines of a table of text that cannot be read as they stand: with too many or too few fields,
    /// with misplaced quotes, or with the header once more.
    ///
    /// ```yaml
    /// data: {train: houses.csv, target: price, bad-lines: skip}
    /// ```
    public enum BadLines: String, Codable, CaseIterable, Sendable {
        /// The first such line is an error.
        case refuse
        /// Such lines are left out, and a notice counts them.
        case skip
        /// Empty cells stand for the fields that are missing at the end of a line, and a notice counts these lines. All
        /// other bad lines are errors.
        case pad
    }
}
