import Batchwise
import CKernels
import Foundation
import Foundations

extension RunEvent.Host {
    /// The machine and program that run now.
    init(_ plan: Plan) {
        self.init(
            batchwise: Version.text, build: Self.build, instructionSet: Audit.instructionSet,
            processor: Self.processor, cores: ProcessInfo.processInfo.activeProcessorCount, threads: plan.workers,
            plan: RecipeValue(plan.json))
    }

    /// The configuration, the size and the time of the program, which tell builds apart without reading the whole file.
    private static let build: String = {
        #if DEBUG
            let configuration = "debug"
        #else
            let configuration = "release"
        #endif
        var status = stat()
        guard stat("/proc/self/exe", &status) == 0 else { return configuration }
        return "\(configuration), \(status.st_size) bytes, made \(timestamp(at: status.st_mtim.tv_sec))"
    }()

    /// The version of the program and the checksum of its bytes, which are the same on all machines that hold a copy of it.
    static let program: String = {
        let name = "batchwise \(Version.text)"
        let file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return name }
        defer { close(file) }
        var (size, checksum) = (0, UInt64(0))
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while case let count = read(file, &buffer, buffer.count), count > 0 {
            checksum = bw_checksum(buffer, count, checksum)
            size += count
        }
        return "\(name) of \(size) bytes, checksum \(String(checksum, radix: 16)),"
    }()

    private static let processor: String = {
        guard let file = fopen("/proc/cpuinfo", "r") else { return "" }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 512)
        while fgets(&line, 512, file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard text.hasPrefix("model name"), let colon = text.firstIndex(of: ":") else { continue }
            return text[text.index(after: colon)...].trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return ""
    }()
}
