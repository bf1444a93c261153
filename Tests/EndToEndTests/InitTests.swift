import Foundation
import Testing

@Suite struct InitTests {
    @Test func theWrittenRecipeTrainsAsTheSourceDoes() throws {
        let shop = try Workshop()
        try shop.write(flowers, to: "flowers.csv")
        let outcome = try shop.run("init", "flowers.csv", "--target", "kind")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("batchwise train recipe.yaml"))
        let direct = try shop.run("train", "flowers.csv", "--target", "kind", "--json").hash()
        #expect(try shop.run("train", "recipe.yaml", "--json").hash() == direct)
    }

    @Test func everyKeyIsExplained() throws {
        let shop = try Workshop()
        #expect(try shop.run("init", "--set", "epochs=7").status == 0)
        let recipe = try shop.read("recipe.yaml")
        let keys = [
            "data", "labels", "test", "test-labels", "target", "split", "header", "weights", "ignore", "task", "model",
            "loss", "batch", "size", "grain", "lanes", "last", "optimizer", "momentum", "nesterov", "weight-decay",
            "adam", "adamw", "learning-rate", "base", "at-batch", "scaling", "warmup", "decay", "epochs", "seed",
        ]
        for key in keys { #expect(recipe.contains("\(key):"), "\(key)") }
        #expect(recipe.contains("\nepochs: 7\n"))
        for line in recipe.split(separator: "\n") { #expect(line.count <= 120, "\(line)") }
    }

    @Test func theRecipeGoesWhereItIsAskedToAndFindsItsData() throws {
        let shop = try Workshop()
        try shop.write(flowers, to: "flowers.csv")
        try FileManager.default.createDirectory(
            at: shop.folder.appendingPathComponent("recipes"), withIntermediateDirectories: true)
        let json = try shop.run("init", "flowers.csv", "recipes", "--target", "kind", "--json").json()
        #expect(json["recipe"] as? String == "recipes/recipe.yaml")
        #expect(try shop.read("recipes/recipe.yaml").contains("train: ../flowers.csv"))
        #expect(try shop.run("train", "recipes/recipe.yaml", "--set", "epochs=1").status == 0)
        #expect(try shop.run("init", "flowers.csv", "recipes", "--target", "kind").status == 73)
    }
}
