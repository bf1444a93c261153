import Foundation
import Testing

/// Columns, parts and folds of a table, from the command line.
@Suite struct ColumnsTests {
    /// y is 10 for small and 30 for large, and z the reverse; customers have four rows each.
    private static let orders: String = {
        var text = "size,city,customer,y,z\n"
        for row in 0..<80 {
            let isLarge = row % 3 == 0
            text += "\(isLarge ? "L" : "S"),\(["Rome", "Oslo"][row % 2]),c\(row / 4),\(isLarge ? 30 : 10).5,"
            text += "\(isLarge ? -1 : 1).25\n"
        }
        return text
    }()

    private func shop(_ recipe: String) throws -> Workshop {
        let shop = try Workshop()
        try shop.write(Self.orders, to: "orders.csv")
        try shop.write(recipe, to: "recipe.yaml")
        return shop
    }

    @Test func predictDoesWhatTrainingFitted() throws {
        let shop = try shop(
            """
            data:
              train: orders.csv
              target: y
              columns: {size: {ordinal: [S, L]}, city: {hash: 4}, customer: ignore, z: ignore}
            epochs: 100
            """)
        let trained = try shop.run("train", "recipe.yaml", "--run", "run", "--json")
        #expect(trained.status == 0, "\(trained.errors)")
        #expect(try #require(try trained.json()["test_rmse"] as? Double) < 1)
        try shop.write("size,city\nS,Rome\nL,Oslo\nM,Rome\nXL,Rome\n", to: "new.csv")
        let outcome = try shop.run("predict", "run", "new.csv")
        let values = outcome.lines.dropFirst().compactMap(Double.init)
        #expect(values.count == 4 && abs(values[0] - 10.5) < 2 && abs(values[1] - 30.5) < 2)
        #expect(outcome.errors == "note: 2 rows have a size that training did not have\n")
        #expect(try shop.read("run/recipe.yaml").contains("ordinal"))
        // The recipe of the run holds all settings.
        let again = try shop.run("train", "run/recipe.yaml", "--json")
        #expect(try again.hash() == trained.hash())
    }

    @Test func severalTargetsArePredictedTogether() throws {
        let shop = try shop("data: {train: orders.csv, target: [y, z], ignore: customer}\nepochs: 100\n")
        let json = try shop.run("train", "recipe.yaml", "--run", "run", "--json").json()
        #expect(try #require(json["test_rmse"] as? Double) < 1)
        try shop.write("city,size\nRome,S\nRome,L\n", to: "new.csv")
        let outcome = try shop.run("predict", "run", "new.csv")
        #expect(outcome.lines.first == "prediction_y,prediction_z")
        let rows = outcome.lines.dropFirst().map { $0.split(separator: ",").compactMap { Double($0) } }
        for (row, expected) in zip(rows, [[10.5, 1.25], [30.5, -1.25]]) {
            #expect(row.count == 2 && abs(row[0] - expected[0]) < 2 && abs(row[1] - expected[1]) < 0.3)
        }
        // The error of both together: the root of the mean of the squares of each alone.
        let evaluated = try shop.run("evaluate", "run", "orders.csv", "--json").json()
        let rmse = try #require(evaluated["rmse"] as? Double)
        let numbers = try shop.run("predict", "run", "orders.csv").lines.dropFirst().map {
            $0.split(separator: ",").compactMap { Double($0) }
        }
        let squares = zip(numbers, Self.orders.split(separator: "\n").dropFirst()).map { found, line in
            let wanted = line.split(separator: ",").suffix(2).compactMap { Double($0) }
            return (found[0] - wanted[0]) * (found[0] - wanted[0]) + (found[1] - wanted[1]) * (found[1] - wanted[1])
        }
        #expect(abs(rmse - (squares.reduce(0, +) / 160).squareRoot()) < 1e-4 * rmse + 1e-5)
    }

    @Test func validationIsReportedAfterEveryEpochAndTheTestOnce() throws {
        let shop = try shop(
            """
            data: {train: orders.csv, target: size, ignore: [y, z], split: {validation: 0.2, test: 0.2, by: stratified}}
            epochs: 3
            """)
        let outcome = try shop.run("train", "recipe.yaml", "--run", "run", "--json")
        let json = try outcome.json()
        for key in ["validation_loss", "validation_accuracy", "test_loss", "test_accuracy"] {
            #expect(json[key] is Double, "\(key)")
        }
        let lines = try shop.epochs("run")
        #expect(lines.count == 3)
        #expect(lines.allSatisfy { $0["validation_loss"] is Double && $0["validation_accuracy"] is Double })
        #expect(lines.map { $0["test_loss"] is NSNull } == [true, true, false])
        #expect(lines[2]["validation_loss"] as? Double == json["validation_loss"] as? Double)
        // A finished run that is looked at again says the same.
        let again = try shop.run("train", "--resume", "run", "--json").json()
        #expect(again["validation_loss"] as? Double == json["validation_loss"] as? Double)
        #expect(again["test_loss"] as? Double == json["test_loss"] as? Double)
        let regression = try shop.run(
            "train", "orders.csv", "--target", "y", "--set", "data.split.validation=0.1", "--set", "epochs=1", "--json"
        ).json()
        #expect(regression["validation_rmse"] is Double && regression["validation_accuracy"] == nil)
    }

    @Test func foldsAreRunsOfTheirOwn() throws {
        let shop = try shop("data: {train: orders.csv, target: size, ignore: [y, z]}\nepochs: 2\n")
        let outcome = try shop.run("train", "recipe.yaml", "--folds", "4", "--run", "run", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let json = try outcome.json()
        let folds = try #require(json["folds"] as? [[String: Any]])
        let losses = folds.compactMap { $0["test_loss"] as? Double }
        #expect(losses.count == 4)
        let spread = try #require(json["test_loss"] as? [String: Double])
        let mean = losses.reduce(0, +) / 4
        #expect(abs(try #require(spread["mean"]) - mean) < 1e-12)
        let deviation = (losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 3).squareRoot()
        #expect(abs(try #require(spread["deviation"]) - deviation) < 1e-12)
        #expect(json["test_accuracy"] is [String: Double] && json["run"] as? String == "run")
        // Each fold's recipe trains to the same bits again, and no two folds are alike.
        let hashes = folds.compactMap { $0["parameters_sha256"] as? String }
        #expect(Set(hashes).count == 4)
        #expect(try shop.run("train", "run/fold-3/recipe.yaml", "--json").hash() == hashes[2])
        let text = try shop.run("train", "recipe.yaml", "--folds", "2")
        #expect(text.output.contains("2 folds: test loss") && text.output.contains("+-"))
        #expect(try shop.run("train", "digits", "--folds", "2").status == 65)
        #expect(try shop.run("train", "orders.csv", "--target", "y", "--folds", "1").status == 64)
    }

    @Test func groupsWeightsAndSamplingAreKeysOfARecipe() throws {
        let shop = try shop(
            """
            data: {train: orders.csv, target: size, ignore: [y, z], split: {test: 0.25, group: customer}}
            epochs: 2
            """)
        let plain = try shop.run("train", "recipe.yaml", "--json").hash()
        for setting in ["data.class-weights=balanced", "data.class-weights={L: 2}", "batch.sampling=class-balance"] {
            let outcome = try shop.run("train", "recipe.yaml", "--set", setting, "--json")
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(try outcome.hash() != plain)
            #expect(
                try shop.run("train", "recipe.yaml", "--set", setting, "--threads", "1", "--json").hash()
                    == outcome.hash())
        }
        let wrong = try shop.run("train", "orders.csv", "--target", "y", "--set", "batch.sampling=class-balance")
        #expect(wrong.status == 64 && wrong.errors.contains("needs classes"))
    }

    @Test func describeTellsOfTextsAmongNumbers() throws {
        let shop = try Workshop()
        try shop.write("n,t\n1,a\n2,b\nabc,c\n4,d\n", to: "t.csv")
        let outcome = try shop.run("data", "describe", "t.csv", "--header")
        #expect(outcome.output.contains("75.0% numbers, first text 'abc' in line 4"))
        let json = try shop.run("data", "describe", "t.csv", "--header", "--json").json()
        let columns = try #require(json["columns"] as? [[String: Any]])
        #expect(columns[0]["first_text_line"] as? Int == 4 && columns[1]["first_text"] == nil)
    }
}
