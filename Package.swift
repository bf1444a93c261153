// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "Batchwise",
    products: [
        .library(name: "Batchwise", targets: ["Batchwise"]),
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
        .target(name: "CKernels"),
        .target(name: "CDigits"),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
        .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
        // apt: libpng-dev, libjpeg62-turbo-dev; brew: libpng, jpeg-turbo
        .target(name: "CImages", linkerSettings: [.linkedLibrary("png"), .linkedLibrary("jpeg")]),
        .target(
            name: "Batchwise",
            dependencies: [
                "CKernels", "CDigits", "CZlib", "CZstd", "CSQLite", "CImages",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Yams", package: "Yams"),
            ]),
        .executableTarget(
            name: "batchwise",
            dependencies: ["Batchwise", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
        .executableTarget(name: "LinearRegression", dependencies: ["Batchwise"], path: "Examples/LinearRegression"),
        .executableTarget(name: "Digits", dependencies: ["Batchwise"], path: "Examples/Digits"),
        .target(name: "CAllocations", path: "Tests/CAllocations"),
        .target(name: "TestImages", path: "Tests/TestImages"),
        .executableTarget(name: "MemoryProbe", dependencies: ["Batchwise"], path: "Tests/MemoryProbe"),
        .testTarget(
            name: "BatchwiseTests", dependencies: ["Batchwise", "CKernels", "CAllocations", "CSQLite", "TestImages"]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["batchwise", "LinearRegression", "Digits", "MemoryProbe", "CSQLite", "TestImages"]),
    ],
    swiftLanguageModes: [.v6]
)
