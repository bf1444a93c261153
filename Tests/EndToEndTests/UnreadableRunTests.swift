import Foundation
import Testing

/// A directory that cannot be resumed is called what it is: damaged, unreadable, or of another program.
@Suite struct UnreadableRunTests {
    private func trained() throws -> Workshop {
        let shop = try Workshop()
        #expect(try shop.run(DamagedRunTests.recipe + ["--run", "run"]).status == 0)
        return shop
    }

    private func expect(_ outcome: Workshop.Outcome, _ status: Int32, _ says: String...) {
        #expect(outcome.status == status && outcome.errorLines.count == 1, "\(outcome.errors)")
        for text in says { #expect(outcome.errors.contains(text), "\(outcome.errors)") }
    }

    @Test func aRunWithoutItsRecipeIsDamaged() throws {
        let shop = try trained()
        try FileManager.default.removeItem(atPath: shop.path("run/recipe.yaml"))
        expect(
            try shop.run("train", "--resume", "run"), 66,
            "run: the directory of this run is damaged: recipe.yaml is missing")
        try FileManager.default.removeItem(atPath: shop.path("run/events.jsonl"))
        expect(try shop.run("train", "--resume", "run"), 66, "is damaged")
        try FileManager.default.createDirectory(atPath: shop.path("run/recipe.yaml"), withIntermediateDirectories: true)
        expect(try shop.run("train", "--resume", "run"), 74, "run/recipe.yaml: cannot read it: it is no regular file")
    }

    @Test func aDamagedRecipeIsNamed() throws {
        let shop = try trained()
        try shop.write([0xFF, 0xFE, 0x00], to: "run/recipe.yaml")
        expect(try shop.run("train", "--resume", "run"), 65, "run/recipe.yaml")
        try shop.write("", to: "run/recipe.yaml")
        expect(try shop.run("train", "--resume", "run"), 64, "run/recipe.yaml", "the file is empty")
    }

    @Test func otherDirectoriesAreNoRuns() throws {
        let shop = try Workshop()
        for folder in ["other/checkpoints", "empty"] {
            try FileManager.default.createDirectory(atPath: shop.path(folder), withIntermediateDirectories: true)
        }
        try shop.write("x", to: "other/checkpoints/epoch=3.ckpt")
        try shop.write("x", to: "file")
        expect(
            try shop.run("train", "--resume", "other"), 66, "is not the directory of a run, for it holds no recipe.yaml"
        )
        expect(try shop.run("train", "--resume", "file"), 66, "for it is a file")
        expect(try shop.run("train", "--resume", "file/run"), 66, "no such run")
        expect(try shop.run("train", "--resume", "empty"), 66, "no run has begun here")
        try shop.write("flour: 500 g\nwater: 300 g\n", to: "other/recipe.yaml")
        expect(try shop.run("train", "--resume", "other"), 64, "other/recipe.yaml", "flour")
    }

    @Test(arguments: ["run", "run/recipe.yaml", "run/events.jsonl", "run/checkpoints"])
    func whatMayNotBeReadIsCalledThat(place: String) throws {
        let shop = try trained()
        let program = shop.path("batchwise")
        try FileManager.default.copyItem(atPath: Workshop.executable("batchwise").path, toPath: program)
        for name in ["", "run", "run/checkpoints"] {
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: shop.path(name))
        }
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: shop.path(place))
        defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: shop.path(place)) }
        let resume = [program, "train", "--resume", "run"]
        // permissions bind no superuser
        let nobody = ["/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
        guard geteuid() != 0 || FileManager.default.isExecutableFile(atPath: nobody[0]) else { return }
        let command = (geteuid() == 0 ? nobody : []) + resume
        let outcome = try shop.run(program: command[0], Array(command.dropFirst()))
        #expect([66, 74].contains(outcome.status) && outcome.errorLines.count == 1, "\(outcome.errors)")
        #expect(outcome.errors.contains("run") && outcome.errors.contains("Permission denied"), "\(outcome.errors)")
    }
}
