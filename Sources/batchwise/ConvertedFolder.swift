import BatchwiseData
import Foundation
import Foundations

/// The folder that `batchwise data convert` was asked to write. Nothing that is there is lost: only a folder of
/// converted data is replaced, by `--force`, once the new one is whole, and never one that is read.
struct ConvertedFolder {
    private let path: String
    private let isReplacing: Bool

    /// Checks the place before the work begins.
    init(_ folder: String, isForced: Bool, inputs: InputFiles) throws {
        path = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        isReplacing = FileIdentity.isTaken(path)
        guard isReplacing else { return }
        func refusal(_ reason: String) -> Failure { Failure(.cannotCreate, "\(folder): \(reason)") }
        let files = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        if inputs.contain(path) || files.contains(where: { inputs.contain("\(path)/\($0)") }) {
            throw refusal("is an input of this command, and stays; name another folder")
        }
        guard DataSource.isConvertedFolder(path), !isLink(path) else {
            throw refusal("is there already; name another folder")
        }
        guard isForced else { throw refusal("is there already; name another folder, or replace it with --force") }
    }

    /// Lets `body` write the folder, beside the old one where there is one, which is removed last.
    func write(_ body: (_ path: String) throws -> Void) throws {
        guard isReplacing else { return try body(path) }
        let (new, old) = ("\(path).new-\(getpid())", "\(path).old-\(getpid())")
        try body(new)
        guard rename(path, old) == 0 else {
            let reason = systemReason()
            try? FileManager.default.removeItem(atPath: new)
            throw FileError.cannotCreate(path: path, reason: reason)
        }
        guard rename(new, path) == 0 else {
            let reason = systemReason()
            rename(old, path)
            throw FileError.cannotCreate(path: path, reason: "\(reason); the new folder is \(new)")
        }
        try FileManager.default.removeItem(atPath: old)
    }
}

private func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
}
