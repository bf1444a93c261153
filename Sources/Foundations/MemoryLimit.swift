import Foundation

/// The most bytes that may still be taken: the memory of the machine or, where the process has a limit of its own
/// (`ulimit -v`), what is left of that.
package var memoryLimit: Int {
    let machine = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    guard let addressSpace, let used = usedAddressSpace() else { return machine }
    // an eighth is for stacks, and for what the allocator keeps
    return min(machine, max(addressSpace - used, 0) / 8 * 7)
}

/// The limit of the process on its address space, in bytes; nil where it has none.
private let addressSpace: Int? = {
    guard let text = try? String(contentsOfFile: "/proc/self/limits", encoding: .utf8) else { return nil }
    let name = "Max address space"
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return nil }
    return line.dropFirst(name.count).split(separator: " ").first.flatMap { Int($0) }
}()

private func usedAddressSpace() -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
        let pages = text.split(separator: " ").first.flatMap({ Int($0) })
    else { return nil }
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
}
