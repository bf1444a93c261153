import Testing

@testable import BatchwiseExperiments

@Suite struct NoiseScaleMeasurementTests {
    @Test func placesGoOnInTheNextEpoch() {
        let places = Places(examples: 10, batch: 4)
        #expect((0..<4).map { places[$0].epoch } == [1, 1, 2, 2])
        #expect(places[3].positions == 4..<8)
    }
}
