import Testing

@testable import Foundations

@Suite struct NearestNameTests {
    static let keys = ["momentum", "nesterov", "weight-decay", "lr"]

    @Test(arguments: [
        ("momentun", "momentum"), ("Momentum", "momentum"), ("nestreov", "nesterov"), ("weight_decay", "weight-decay"),
        ("weigthdecay", "weight-decay"), ("rl", "lr"),
    ])
    func slipsAreFound(slip: String, key: String) {
        #expect(nearestName(to: slip, in: Self.keys) == key)
    }

    @Test(arguments: ["", "dropout", "x", "momentummomentum"])
    func whatIsNotNearIsNotSuggested(name: String) {
        #expect(nearestName(to: name, in: Self.keys) == nil)
    }

    @Test func amongEqualsTheFirstWins() {
        #expect(nearestName(to: "cat", in: ["bat", "rat"]) == "bat")
        #expect(nearestName(to: "a", in: []) == nil)
    }
}
