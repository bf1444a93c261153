import Foundation
import Testing

/// Processes that differ are refused before anything is trained: in one line that names the difference, with a status of
/// its own, and without a trace of a run.
@Suite(.enabled(if: Launcher.program != nil, "needs a build with MPI, and its mpirun"), .serialized)
struct RefusedProcessesTests {
    /// The second of two processes differs from the first in this.
    enum Difference: CaseIterable { case recipe, dataFile, program }

    private static let refusals: [Difference: (status: Int32, line: String)] = [
        .recipe: (65, "batchwise: process 1 has another recipe than process 0: epochs: 3, not epochs: 2"),
        .dataFile: (65, "batchwise: process 1 has other data than process 0: "),
        .program: (65, "batchwise: process 1 has another program than process 0: "),
    ]

    @Test(arguments: Difference.allCases, [false, true])
    func differentProcessesAreRefused(by difference: Difference, isLaunched: Bool) throws {
        let shop = try Workshop()
        let tools = try Self.tools(shop, difference)
        let run = shop.folder.appendingPathComponent("run").path
        let train = [
            "train", "one/table.csv", "--target", "y", "--set", "epochs=2", "--threads", "1", "--run", run,
        ]
        let outcome =
            if isLaunched {
                try shop.run(
                    program: "/usr/bin/env",
                    ["PATH=\(tools):/usr/bin:/bin", Workshop.executable("batchwise").path, "launch", "--workers", "2"]
                        + ["--"] + train)
            } else {
                try shop.launch(2, train, by: "\(tools)/mpirun.\(Launcher.isMPICH ? "mpich" : "openmpi")")
            }
        let (status, line) = try #require(Self.refusals[difference])
        let lines = outcome.errorLines.filter { $0.hasPrefix("batchwise: process") }
        #expect(lines.count == 1 && lines[0].hasPrefix(line), "\(outcome)")
        if isLaunched {
            // nothing of mpirun's own, and a sentence of launch
            #expect(outcome.errorLines.count == 3, "\(outcome)")
            #expect(outcome.errorLines.last?.contains("status \(status), which a restart would not change") == true)
        }
        #expect(outcome.status == status && outcome.output.isEmpty, "\(outcome)")
        #expect(!shop.exists("run"))
        Processes.expectNone(of: run)
    }

    /// A folder with an `mpirun` that gives the second process another recipe, another file or another program.
    private static func tools(_ shop: Workshop, _ difference: Difference) throws -> String {
        for (folder, value) in [("one", 7), ("two", 8), ("tools", 0)] {
            try FileManager.default.createDirectory(
                at: shop.folder.appendingPathComponent(folder), withIntermediateDirectories: true)
            let rows = (0..<40).map { "\($0),\($0 == 20 ? value : $0 * $0)" }
            try shop.write("x,y\n" + rows.joined(separator: "\n") + "\n", to: "\(folder)/table.csv")
        }
        let program = try Workshop.executable("batchwise").path
        let folder = shop.folder.appendingPathComponent("tools").path
        let change: String
        switch difference {
        case .recipe: change = #"set -- "${@/epochs=2/epochs=3}""#
        case .dataFile: change = #"set -- "${@/one\/table/two/table}""#
        case .program:
            // a program of the same size and version: one letter of a sentence is another
            change = "program=\(folder)/other"
            var bytes = try Data(contentsOf: URL(fileURLWithPath: program))
            let place = try #require(bytes.range(of: Data("the recipe decides the result".utf8)))
            bytes[place.lowerBound] = UInt8(ascii: "T")
            try bytes.write(to: URL(fileURLWithPath: "\(folder)/other"))
            chmod("\(folder)/other", 0o755)
        }
        let real = Launcher.program ?? ""
        let name = real.split(separator: "/").last.map(String.init) ?? ""
        try shop.write(
            """
            #!/bin/bash
            words=()
            for word; do
                if [ "$word" = '\(program)' ]; then words+=('\(folder)/worker'); fi
                words+=("$word")
            done
            exec \(real) "${words[@]}"

            """, to: "tools/\(name)")
        try shop.write(
            """
            #!/bin/bash
            program=$1
            shift
            if [ "${OMPI_COMM_WORLD_RANK:-$PMI_RANK}" = 1 ]; then \(change); fi
            exec "$program" "$@"

            """, to: "tools/worker")
        for file in [name, "worker"] { chmod("\(folder)/\(file)", 0o755) }
        return folder
    }

    // MARK: Mixed installations

    /// The launcher of the other MPI than that of the build.
    private static let other: String? = {
        let path = Launcher.isMPICH ? "/usr/bin/mpirun.openmpi" : "/usr/bin/mpirun.mpich"
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    @Test(.enabled(if: other != nil, "needs the mpirun of another MPI"))
    func processesOfAnotherLauncherAreRefused() throws {
        let shop = try Workshop()
        let run = shop.folder.appendingPathComponent("run").path
        let outcome = try shop.launch(2, ["train", "digits", "--run", run], by: Self.other)
        let lines = outcome.errorLines.filter { $0.hasPrefix("batchwise: ") }
        #expect(lines.count == 1, "\(outcome)")
        #expect(lines.first?.contains("a launcher started 2 processes") == true, "\(outcome)")
        #expect(lines.first?.contains("start it with the mpirun of the same MPI") == true, "\(outcome)")
        #expect(outcome.status == 64 && outcome.output.isEmpty, "\(outcome)")
        #expect(!shop.exists("run"))
        Processes.expectNone(of: run)
    }

    /// Where only the other mpirun is in PATH, launch starts nothing.
    @Test(.enabled(if: other != nil, "needs the mpirun of another MPI"))
    func launchNamesAnotherLauncher() throws {
        let shop = try Workshop()
        symlink(Self.other ?? "", shop.folder.appendingPathComponent("mpirun").path)
        let outcome = try shop.run(
            program: "/usr/bin/env",
            [
                "PATH=\(shop.folder.path)", Workshop.executable("batchwise").path, "launch", "--workers", "2", "--",
                "train", "digits", "--run", "run",
            ])
        #expect(outcome.status == 64 && outcome.output.isEmpty && outcome.errorLines.count == 1, "\(outcome)")
        #expect(outcome.errors.contains("is not the mpirun of"), "\(outcome)")
        #expect(!shop.exists("run"))
    }
}
