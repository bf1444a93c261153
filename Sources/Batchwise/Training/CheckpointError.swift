import Foundations
@_exported import Foundations

/// Why a model or a checkpoint cannot be read or written.
public typealias CheckpointError = FileError
