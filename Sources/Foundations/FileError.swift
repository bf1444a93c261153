/// An error in reading or writing a file of this library: a model, a checkpoint, converted data, a log.
public enum FileError: Error, Sendable, Equatable {
    /// The file is not there or may not be read.
    case missing(path: String, reason: String)
    /// The bytes break the rules of the format.
    case malformed(path: String?, reason: String)
    /// The file cannot be created.
    case cannotCreate(path: String, reason: String)
    /// The system failed to read or write.
    case inputOutput(path: String, reason: String)

    /// This error with `path` as its file, where only the bytes were known.
    package func naming(_ path: String) -> FileError {
        if case .malformed(nil, let reason) = self { .malformed(path: path, reason: reason) } else { self }
    }

    /// The exit code of a program that stops for this, as in sysexits: 66, 65, 73 or 74.
    public var exitCode: Int32 {
        switch self {
        case .missing: 66
        case .malformed: 65
        case .cannotCreate: 73
        case .inputOutput: 74
        }
    }
}

extension FileError: CustomStringConvertible {
    /// A sentence for a person.
    public var description: String {
        switch self {
        case .missing(let path, let reason): "\(path): cannot read it: \(reason)"
        case .malformed(let path?, let reason): "\(path): \(reason)"
        case .malformed(nil, let reason): reason
        case .cannotCreate(let path, let reason): "\(path): cannot create it: \(reason)"
        case .inputOutput(let path, let reason): "\(path): \(reason)"
        }
    }
}
