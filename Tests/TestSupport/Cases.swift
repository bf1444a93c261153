import Foundation

/// Small files that people had trouble with, kept beside the tests.
public enum Cases {
    /// The path of a file of a case, such as `pandas-index-column/input.csv`.
    public static func path(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/cases/" + name).path
    }
}
