import Testing

@testable import Batchwise

@Suite struct AvailableCoresTests {
    @Test(
        arguments: [
            ("max 100000", nil), ("150000 100000", 1.5), ("50000 100000", 0.5), ("-1 100000", nil), ("", nil),
            ("1", nil),
            ("nonsense 100000", nil), ("100000 0", nil),
        ] as [(String, Double?)])
    func quotasOfControlGroupsAreRead(line: String, cores: Double?) {
        #expect(Machine.quota(line.split(separator: " ")) == cores)
    }

    @Test func thereIsAtLeastOneCore() { #expect(Machine.availableCores >= 1) }
}
