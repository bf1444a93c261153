import Batchwise
import Testing

/// The examples in the comments of `Diagnostics`.
@Suite struct DiagnosticsSnippetTests {
    @Test func anAudit() throws {
        let data = Dataset.digits().train.prefix(200)
        let recipe = Recipe(model: LayerList { Dense(.classes) }, batch: Batch(size: 64), epochs: 2)
        let certificate = try Audit(recipe, data: data).run()
        print(certificate.verdict)  // sameBits
        #expect(certificate.verdict == .sameBits)
        #expect("\(certificate.verdict)" == "sameBits")
    }

    @Test func neighboursAreOneApart() {
        print(unitsInTheLastPlace(Float(1), 1.0000001))  // 1
        print(unitsInTheLastPlace(Float(-0.0), 0))  // 1
        print(unitsInTheLastPlace(Float.greatestFiniteMagnitude, .infinity))  // 1
        #expect(unitsInTheLastPlace(Float(1), 1.0000001) == 1)
        #expect(unitsInTheLastPlace(Float(-0.0), 0) == 1)
        #expect(unitsInTheLastPlace(Float.greatestFiniteMagnitude, .infinity) == 1)
        #expect(unitsInTheLastPlace(Float(1), 1) == 0)
    }
}
