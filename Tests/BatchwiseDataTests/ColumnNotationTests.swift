import Foundation
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

@Suite struct ColumnNotationTests {
    private func source(_ yaml: String) throws(RecipeError) -> DataSource {
        try DataSource(notation: RecipeValue(yaml: yaml))
    }

    @Test func everyRuleIsRead() throws {
        let source = try source(
            """
            train: people.csv
            target: [height, 7]
            columns: {age: min-max, income: log, rooms: standardise, id: ignore, x: none, zip: one-hot, size: ordinal,
                city: {hash: 64}, grade: {ordinal: [low, 2, high], missing: most-frequent}, 5: {missing: mean},
                debt: {as: log, missing: most-frequent}}
            """)
        #expect(source.columns.targets == ["height", "7"])
        #expect(
            source.columns.rules == [
                "age": .init(.minMax), "income": .init(.log), "rooms": .init(.standardise), "id": .init(.ignore),
                "x": .init(.asIs), "zip": .init(.oneHot), "size": .init(.ordinal(nil)),
                "city": .init(.hash(features: 64)),
                "grade": .init(.ordinal(["low", "2", "high"]), missing: .mostFrequent),
                "5": .init(missing: .mean), "debt": .init(.log, missing: .mostFrequent),
            ])
    }

    @Test(arguments: [
        "{train: a.csv, target: [a, b], columns: {x: log, y: {hash: 8}, 3: {as: ordinal, missing: mean}, z: none}}",
        "{train: a.csv, columns: {'a: b': ignore, 'yes': {ordinal: ['no', '1', x y]}, '# c': {missing: mean}}}",
        "{train: a.csv, target: y, split: {validation: 0.1, test: 0.2, by: stratified}, class-weights: balanced}",
        "{train: a.csv, target: y, split: {test: 0.2, group: customer}, class-weights: {'yes': 3, 'no': 0.5, 1: 2}}",
        "{train: a.csv, target: y, split: {folds: 5, fold: 2, validation: 0.1}}",
    ])
    func writingAndReadingGivesTheSame(yaml: String) throws {
        let first = try source(yaml)
        #expect(try DataSource(notation: RecipeValue(yaml: first.notation.yaml())) == first)
        let json = try JSONEncoder().encode(first)
        #expect(try JSONDecoder().decode(DataSource.self, from: json) == first)
    }

    @Test(arguments: [
        (
            "columns: {age: logg}",
            "data.columns.age: expected standardise, min-max, log, none, one-hot, ordinal, date, ignore"
        ),
        ("columns: {age: logg}", "did you mean log?"),
        ("columns: {age: {hash: 0}}", "data.columns.age.hash: expected a whole number from 1 to 65536"),
        ("columns: {age: {hash: 8, as: log}}", "expected one of as, hash and ordinal"),
        ("columns: {age: {hash: 8, missing: mean}}", "data.columns.age.missing"),
        ("columns: {age: {hashed: 8}}", "unknown key data.columns.age.hashed: did you mean hash?"),
        ("columns: {age: {missing: median}}", "expected mean or most-frequent"),
        ("columns: {age: {as: one-hot, missing: mean}}", "texts have no mean"),
        ("columns: {age: {ordinal: []}}", "a list of texts in their order"),
        ("columns: {age: {ordinal: [a, a]}}", "every text once"),
        ("columns: {age: {ordinal: [true, false]}}", "put others in quotes"),
        ("columns: [age]", "data.columns: expected a map"),
        ("target: [a, 1.5]", "a column or a list of columns"),
        ("split: {by: stratifed}", "did you mean stratified?"),
        ("split: {validation: 1}", "data.split.validation: expected a part from 0 to below 1"),
        ("split: {folds: 5}", "data.split.fold is missing"),
        ("split: {fold: 5}", "data.split.folds is missing"),
        ("split: {folds: 5, fold: 6}", "from 1 to 5"),
        ("class-weights: even", "expected balanced, or a map"),
        ("class-weights: {rare: -1}", "data.class-weights.rare: expected a number of at least 0"),
    ])
    func mistakesAreNamed(yaml: String, message: String) {
        let error = #expect(throws: RecipeError.self) {
            try Recipe(notation: RecipeValue(yaml: "data:\n  train: a.csv\n  \(yaml)\n"))
        }
        let text = error?.description ?? ""
        #expect(text.contains(message), "\(text)")
    }
}
