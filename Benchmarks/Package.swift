// swift-tools-version: 6.2
import PackageDescription

let batchwise = Target.Dependency.product(name: "Batchwise", package: "Batchwise")
let data = Target.Dependency.product(name: "BatchwiseData", package: "Batchwise")
let package = Package(
    name: "BatchwiseBenchmarks",
    dependencies: [
        .package(name: "Batchwise", path: ".."),
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.0", traits: []),
    ],
    targets: [
        .target(name: "Workloads", dependencies: [batchwise]),
        .executableTarget(name: "updates", dependencies: [batchwise, "Workloads"]),
        .executableTarget(
            name: "Training",
            dependencies: [batchwise, data, "Workloads", .product(name: "Benchmark", package: "benchmark")],
            path: "Benchmarks/Training", plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
        .executableTarget(name: "predictions", dependencies: [batchwise, "Workloads"]),
        .executableTarget(name: "lanes", dependencies: [batchwise, "Workloads"]),
        .executableTarget(name: "tables", dependencies: [batchwise, data, "Workloads"]),
    ],
    swiftLanguageModes: [.v6]
)
