import Foundation

/// The most bytes that one array may take: what the machine has.
package var memoryLimit: Int { Int(clamping: ProcessInfo.processInfo.physicalMemory) }
