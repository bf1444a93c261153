/// The names of new rows, and how their features lie to those of training.
package final class NewRowFindings {
    /// The columns of names: those that were asked for, or the paths of images.
    package internal(set) var names: [RowNames] = []
    /// Missing values, and numbers far beyond those of training.
    var survey = FeatureSurvey()

    package init() {}

    /// Notices for a person, a line each.
    package var notices: [String] { survey.notices }

    /// Forgets the names of rows that have been written; the counts stay.
    package func forgetNames() { names = [] }
}

/// A column of names of rows.
package struct RowNames: Equatable, Sendable {
    /// The name of the column.
    package let title: String
    /// The name of each row, as the file writes it; empty where it is missing.
    package let texts: [String]

    package init(title: String, texts: [String]) {
        self.title = title
        self.texts = texts
    }
}
