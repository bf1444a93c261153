import Foundations
@_exported import Foundations

/// An error in reading or writing a model or a checkpoint.
public typealias CheckpointError = FileError
