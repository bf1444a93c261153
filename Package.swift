// swift-tools-version: 6.2
import Foundation
import PackageDescription

// MARK: MPI

/// The MPI that training in several processes is built with: openmpi, mpich or none, as the environment says. Without it,
/// Open MPI is taken where Debian's headers are installed.
let library = Context.environment["BATCHWISE_MPI"].flatMap { ["openmpi", "mpich", "none"].contains($0) ? $0 : nil }
let folders = ["x86_64-linux-gnu", "aarch64-linux-gnu"]
let openMPI = folders.map { "/usr/lib/\($0)/openmpi/include/mpi.h" }.first(where: FileManager.default.fileExists)
let mpich = folders.map { "/usr/include/\($0)/mpich/mpi.h" }.first(where: FileManager.default.fileExists)
let usesMPI: Bool
let headers: [CSetting]
let libraries: [LinkerSetting]
switch library {
case "mpich":
    usesMPI = mpich != nil
    headers = [
        .define("BW_MPI_HEADER", to: "\"\(mpich ?? "")\""),
        .unsafeFlags(["-I\((mpich ?? "").dropLast("/mpi.h".count))"]),
    ]
    libraries = [.linkedLibrary("mpich")]
case "none":
    (usesMPI, headers, libraries) = (false, [], [])
default:
    usesMPI = openMPI != nil
    headers = [.define("BW_MPI_HEADER", to: "\"\(openMPI ?? "")\"")]
    // by its full name: the short one may stand for another MPI
    libraries = [.linkedLibrary(":libmpi.so.40")]
}
let mpiTargets: [Target] =
    usesMPI
    ? [
        .target(name: "CMPI", cSettings: headers, linkerSettings: libraries),
        .target(name: "BatchwiseMPI", dependencies: ["Batchwise", "CKernels", "CMPI"]),
    ] : []

// Imports run downwards only: batchwise > BatchwiseExperiments > BatchwiseRuns > BatchwiseData > Batchwise > Foundations, CKernels.
let package = Package(
    name: "Batchwise",
    products: [
        // the engine: trains on a program's own arrays; no system library
        .library(name: "Batchwise", targets: ["Batchwise"]),
        // files to data sets: zlib, Zstandard, SQLite, libpng, libjpeg
        .library(name: "BatchwiseData", targets: ["BatchwiseData"]),
        // runs in a directory: a log of events, checkpoints, resume
        .library(name: "BatchwiseRuns", targets: ["BatchwiseRuns"]),
        // experiments that choose a batch: measurements at fixed parameters, sweeps, advice
        .library(name: "BatchwiseExperiments", targets: ["BatchwiseExperiments"]),
        .executable(name: "batchwise", targets: ["batchwise"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-crypto", "3.0.0"..<"5.0.0"),
        .package(url: "https://github.com/jpsim/Yams", "5.0.0"..<"7.0.0"),
        // `scripts/docs` alone needs it.
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.4.0"),
    ],
    targets: [
        // MARK: Floors

        .target(name: "CKernels"),
        .target(name: "CDigits"),
        .target(name: "Foundations", dependencies: [.product(name: "Crypto", package: "swift-crypto")]),

        // MARK: The engine

        .target(
            name: "Batchwise",
            dependencies: [
                "CKernels", "CDigits", "Foundations", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Yams", package: "Yams"),
            ]),

        // MARK: Data in files

        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
        .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
        // apt: libpng-dev, libjpeg62-turbo-dev; brew: libpng, jpeg-turbo
        .target(name: "CImages", linkerSettings: [.linkedLibrary("png"), .linkedLibrary("jpeg")]),
        .target(
            name: "BatchwiseData",
            dependencies: [
                "Batchwise", "Foundations", "CZlib", "CZstd", "CSQLite", "CImages",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),

        // MARK: Runs

        .target(name: "BatchwiseRuns", dependencies: ["Batchwise", "BatchwiseData", "CKernels", "Foundations"]),

        // MARK: Experiments

        .target(
            name: "BatchwiseExperiments",
            dependencies: ["Batchwise", "BatchwiseData", "BatchwiseRuns", "Foundations"]),

        // MARK: The command line

        .executableTarget(
            name: "batchwise",
            dependencies: [
                "Batchwise", "BatchwiseData", "BatchwiseRuns", "BatchwiseExperiments", "Foundations",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ] + (usesMPI ? ["BatchwiseMPI"] : []),
            swiftSettings: usesMPI ? [.define("BATCHWISE_MPI")] : []),

        // MARK: Examples and tests

        .executableTarget(name: "LinearRegression", dependencies: ["Batchwise"], path: "Examples/LinearRegression"),
        .executableTarget(name: "Digits", dependencies: ["Batchwise"], path: "Examples/Digits"),
        .executableTarget(name: "FineTuning", dependencies: ["Batchwise"], path: "Examples/FineTuning"),
        .target(name: "CAllocations", path: "Tests/CAllocations"),
        .target(name: "TestSupport", dependencies: ["Batchwise"], path: "Tests/TestSupport"),
        .executableTarget(name: "MemoryProbe", dependencies: ["Batchwise"], path: "Tests/MemoryProbe"),
        .testTarget(name: "FoundationsTests", dependencies: ["Foundations"]),
        .testTarget(
            name: "BatchwiseTests",
            dependencies: ["Batchwise", "BatchwiseData", "Foundations", "CKernels", "CAllocations", "TestSupport"]),
        .testTarget(
            name: "BatchwiseDataTests",
            dependencies: [
                "Batchwise", "BatchwiseData", "Foundations", "CKernels", "CSQLite", "CAllocations", "TestSupport",
            ]),
        .testTarget(
            name: "BatchwiseRunsTests",
            dependencies: ["Batchwise", "BatchwiseData", "BatchwiseRuns", "Foundations", "TestSupport"]),
        .testTarget(
            name: "BatchwiseExperimentsTests",
            dependencies: [
                "Batchwise", "BatchwiseData", "BatchwiseRuns", "BatchwiseExperiments", "Foundations", "TestSupport",
            ]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "batchwise", "BatchwiseRuns", "LinearRegression", "Digits", "FineTuning", "MemoryProbe", "CSQLite",
                "TestSupport", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: usesMPI ? [.define("BATCHWISE_MPI")] : []),
    ] + mpiTargets,
    swiftLanguageModes: [.v6]
)
