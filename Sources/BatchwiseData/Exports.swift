@_exported import Batchwise
