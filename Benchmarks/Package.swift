// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "BatchwiseBenchmarks",
    dependencies: [.package(name: "Batchwise", path: "..")],
    targets: [
        .executableTarget(name: "updates", dependencies: [.product(name: "Batchwise", package: "Batchwise")])
    ],
    swiftLanguageModes: [.v6]
)
