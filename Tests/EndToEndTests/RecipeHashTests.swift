import Batchwise
import Foundation
import Testing

/// Eighty recipes train to the parameters that they trained to before, on every instruction set and in every cut.
///
/// `Tests/Fixtures/make-hashes.py` made the table with one thread and one micro-batch a batch.
@Suite struct RecipeHashTests {
    struct Entry: Decodable, Sendable, CustomTestStringConvertible {
        var name, recipe: String
        /// The hashes by instruction set; instruction sets that cannot train the recipe are left out.
        var hashes: [String: String]
        var testDescription: String { name }

        enum CodingKeys: String, CodingKey {
            case name, recipe
            case hashes = "parameters_sha256"
        }
    }

    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures")

    static let table: [Entry] = {
        guard let bytes = try? Data(contentsOf: fixtures.appending(path: "hashes.json")) else { return [] }
        return (try? JSONDecoder().decode([Entry].self, from: bytes)) ?? []
    }()

    private static let machines = [
        ["--threads", "2"], ["--threads", "1", "--micro-batch", "16"], ["--threads", "3", "--micro-batch", "16"],
        ["--threads", "2", "--micro-batch", "48", "--loading-threads", "2"],
    ]

    @Test func theTableIsWhole() {
        #expect(Self.table.count >= 80)
        // a table of equal hashes would prove nothing
        #expect(Set(Self.table.compactMap { $0.hashes["avx512"] }).count >= Self.table.count - 4)
    }

    @Test(arguments: table) func recipesTrainToTheBitsOfTheTable(entry: Entry) throws {
        if try !Recipe(yaml: entry.recipe).precision.isAvailable {
            try Test.cancel("this processor has no AVX512-BF16")
        }
        let shop = try Workshop()
        for name in try FileManager.default.contentsOfDirectory(atPath: Self.fixtures.path + "/hashes") {
            try FileManager.default.copyItem(
                at: Self.fixtures.appending(path: "hashes/\(name)"), to: shop.folder.appending(path: name))
        }
        try shop.write(entry.recipe, to: "recipe.yaml")
        let first = Self.table.firstIndex { $0.name == entry.name } ?? 0
        for (place, (set, hash)) in entry.hashes.sorted(by: { $0.key < $1.key }).enumerated() {
            let machine = Self.machines[(first + place) % Self.machines.count]
            let outcome = try shop.run(
                program: "/usr/bin/env",
                ["BATCHWISE_INSTRUCTION_SET=\(set)", Workshop.executable("batchwise").path, "train", "recipe.yaml"]
                    + machine + ["--json", "--run", "runs/\(set)"])
            #expect(outcome.status == 0, "\(entry.name): \(outcome.errors)")
            #expect(try outcome.hash() == hash, "\(entry.name) on \(set) with \(machine.joined(separator: " "))")
        }
    }
}
