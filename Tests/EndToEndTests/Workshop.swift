import Foundation
import Testing

/// A folder of its own in which a test runs the built command.
final class Workshop {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("batchwise-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// The result of a command: its exit status and its output.
    struct Outcome {
        var status: Int32
        var output: String
        var errors: String

        /// The lines on standard error.
        var errorLines: [String] { errors.split(separator: "\n").map(String.init) }
        var lines: [String] { output.split(separator: "\n").map(String.init) }

        /// The object on standard output, which must be one line and nothing else.
        func json() throws -> [String: Any] {
            #expect(lines.count == 1)
            return try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
        }

        func hash() throws -> String { try #require(try json()["parameters_sha256"] as? String) }
    }

    /// A program that runs longer hangs, and is killed: the test sees its status.
    private static let mostSeconds = 3000.0

    /// Runs `batchwise` to its end.
    func run(_ arguments: String..., in subfolder: String = "") throws -> Outcome {
        try run(arguments, in: subfolder)
    }

    func run(_ arguments: [String], in subfolder: String = "", while body: (Process) -> Void = { _ in }) throws
        -> Outcome
    {
        try run(executable: "batchwise", arguments, in: subfolder, while: body)
    }

    /// Runs a program that was built beside the tests.
    func run(
        executable: String, _ arguments: [String], in subfolder: String = "", while body: (Process) -> Void = { _ in }
    ) throws -> Outcome {
        try run(program: Self.executable(executable).path, arguments, in: subfolder, while: body)
    }

    /// Runs a program to its end.
    func run(
        program: String, _ arguments: [String], in subfolder: String = "", while body: (Process) -> Void = { _ in }
    ) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = subfolder.isEmpty ? folder : folder.appendingPathComponent(subfolder)
        // The output goes to files rather than pipes, which would have to be read while the command runs.
        let streams = FileManager.default.temporaryDirectory.appendingPathComponent("streams-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: streams, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: streams) }
        let output = streams.appendingPathComponent("output")
        let errors = streams.appendingPathComponent("errors")
        for file in [output, errors] { try Data().write(to: file) }
        // Foundation keeps its files open for ever where nobody closes them. With some 1,350 open files Process.run reads
        // beyond the list of them, and now and then crashes.
        let handles = try [FileHandle(forWritingTo: output), FileHandle(forWritingTo: errors)]
        (process.standardOutput, process.standardError) = (handles[0], handles[1])
        process.standardInput = FileHandle.nullDevice
        do {
            defer { for handle in handles { try? handle.close() } }
            try process.run()
        }
        let end = DispatchWorkItem { kill(process.processIdentifier, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.mostSeconds, execute: end)
        body(process)
        process.waitUntilExit()
        end.cancel()
        return Outcome(
            status: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
            errors: try String(contentsOf: errors, encoding: .utf8))
    }

    func write(_ text: String, to name: String) throws {
        try write(Array(text.utf8), to: name)
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: folder.appendingPathComponent(name))
    }

    func bytes(_ name: String) throws -> Data {
        try Data(contentsOf: folder.appendingPathComponent(name))
    }

    func read(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path)
    }

    /// Every file and folder there is, by its path.
    func contents() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
    }

    /// The command stands beside the test bundle.
    static func executable(_ name: String) throws -> URL {
        var candidates = [CommandLine.arguments[0], "/proc/self/exe"]
        candidates += Bundle.allBundles.map(\.bundlePath)
        for candidate in candidates {
            let place = URL(fileURLWithPath: candidate).resolvingSymlinksInPath().deletingLastPathComponent()
            let executable = place.appendingPathComponent(name)
            var isFolder = ObjCBool(false)
            if FileManager.default.fileExists(atPath: executable.path, isDirectory: &isFolder), !isFolder.boolValue {
                return executable
            }
        }
        throw NoExecutable(looked: candidates)
    }

    private struct NoExecutable: Error { var looked: [String] }
}

/// Three kinds of flowers that two measures tell apart, so clearly that a model has no excuse.
let flowers: String = {
    var text = "width,height,kind\n"
    for row in 0..<150 {
        let kind = row % 3
        let wobble = Double(row * 7 % 11) / 20
        text += "\(Double(kind) * 4 + wobble),\(Double(kind * kind) * 3 - wobble),\(["rose", "tulip", "daisy"][kind])\n"
    }
    return text
}()

/// y = 1000 + 500 x, nearly.
let prices: String = {
    var text = "x,y\n"
    for row in 0..<200 {
        let x = Double(row * 37 % 200) / 100
        text += "\(x),\(1000 + 500 * x + Double(row % 5))\n"
    }
    return text
}()

/// An IDX file of bytes.
func idx(_ lengths: [Int], _ values: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = [0, 0, 8, UInt8(lengths.count)]
    for length in lengths { bytes += withUnsafeBytes(of: UInt32(length).bigEndian) { Array($0) } }
    return bytes + values
}
