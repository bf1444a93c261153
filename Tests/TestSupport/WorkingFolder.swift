import Foundation

/// Runs `body` with a new folder as the working directory, for code that names files as a reader would. The working
/// directory belongs to the whole process, so this is for the processes of exit tests alone.
public func inNewWorkingFolder(_ body: (TemporaryFolder) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    guard FileManager.default.changeCurrentDirectoryPath(folder.path) else {
        throw CocoaError(.fileNoSuchFile)
    }
    try await body(folder)
    folder.keep()
}
