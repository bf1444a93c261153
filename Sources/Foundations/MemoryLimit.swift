import Foundation

/// The most bytes that one array may take: the memory of the machine.
package var memoryLimit: Int { Int(clamping: ProcessInfo.processInfo.physicalMemory) }
