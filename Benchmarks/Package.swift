// swift-tools-version: 6.2
import PackageDescription

let batchwise = Target.Dependency.product(name: "Batchwise", package: "Batchwise")
let package = Package(
    name: "BatchwiseBenchmarks",
    dependencies: [.package(name: "Batchwise", path: "..")],
    targets: [
        .target(name: "Workloads", dependencies: [batchwise]),
        .executableTarget(name: "updates", dependencies: [batchwise, "Workloads"]),
        .executableTarget(name: "lanes", dependencies: [batchwise, "Workloads"]),
    ],
    swiftLanguageModes: [.v6]
)
