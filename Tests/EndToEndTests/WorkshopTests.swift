import Foundation
import Testing

/// The way in which tests run programs.
@Suite struct WorkshopTests {
    /// Open files would add up over all tests, until Foundation crashes.
    @Test(.enabled(if: access("/proc/self/fd", R_OK) == 0, "this system does not list open files"))
    func aProgramThatHasEndedLeavesNoFileOpen() throws {
        let shop = try Workshop()
        for _ in 0..<5 { #expect(try shop.run("--version").status == 0) }
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
        }
        #expect(open.count > 3)
        #expect(!open.contains { $0.contains("/streams-") && $0.hasSuffix("(deleted)") }, "\(open)")
    }
}
