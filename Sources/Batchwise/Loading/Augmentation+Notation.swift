import Foundations

extension Augmentation {
    /// Reads `[{crop: 4}, flip, {rotate: 15}, {brightness: 0.2}, {cutout: 8}, {mixup: 0.2}]`.
    package init(notation: RecipeValue, at path: String = "augment") throws(RecipeError) {
        let items = if case .list(let items) = notation { items } else { [notation] }
        guard items.count <= 100 else {
            throw .value(at: path, expected: "at most 100 steps", found: notation.text)
        }
        self.init()
        for (index, item) in items.enumerated() { steps.append(try Step(notation: item, at: "\(path)[\(index + 1)]")) }
    }

    package var notation: RecipeValue { .list(steps.map(\.notation)) }
}

extension Augmentation.Step {
    fileprivate init(notation: RecipeValue, at path: String) throws(RecipeError) {
        if notation == .string("flip") {
            self = .flip
            return
        }
        guard case .map(let entries) = notation, entries.count == 1, let name = entries.first?.key else {
            let known = ["crop", "flip", "rotate", "brightness", "cutout", "mixup"]
            guard case .string(let name) = notation else {
                throw .value(at: path, expected: "a step such as {crop: 4} or flip", found: notation.text)
            }
            guard known.contains(name) else {
                throw .unknownKey(at: path, key: name, nearest: nearestName(to: name, in: known), known: known)
            }
            throw .value(at: path, expected: "{\(name): and how much}", found: name)
        }
        var reader = try RecipeReader(notation, at: path)
        switch name {
        case "crop": self = .crop(padding: try reader.int("crop", in: 1...1024) ?? 1)
        case "rotate":
            self = .rotate(degrees: try reader.double("rotate", "degrees from 0 to 180") { $0 >= 0 && $0 <= 180 } ?? 0)
        case "brightness":
            self = .brightness(try reader.double("brightness", "a part from 0 to 1") { $0 >= 0 && $0 <= 1 } ?? 0)
        case "cutout": self = .cutout(size: try reader.int("cutout", in: 1...4096) ?? 1)
        case "mixup":
            self = .mixup(alpha: try reader.double("mixup", "a number above 0, to 100") { $0 > 0 && $0 <= 100 } ?? 1)
        default:
            let known = ["crop", "flip", "rotate", "brightness", "cutout", "mixup"]
            throw .unknownKey(at: path, key: name, nearest: nearestName(to: name, in: known), known: known)
        }
        try reader.finish()
    }

    fileprivate var notation: RecipeValue {
        switch self {
        case .crop(let padding): .map([.init("crop", .int(padding))])
        case .flip: .string("flip")
        case .rotate(let degrees): .map([.init("rotate", .double(degrees))])
        case .brightness(let amount): .map([.init("brightness", .double(amount))])
        case .cutout(let size): .map([.init("cutout", .int(size))])
        case .mixup(let alpha): .map([.init("mixup", .double(alpha))])
        }
    }
}
