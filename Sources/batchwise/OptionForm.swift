import ArgumentParser
import Foundation

/// A value of an option that is written in a form of its own, such as `512MiB`. A message about another value says the
/// form.
protocol FormedArgument: ExpressibleByArgument {
    /// The form, as in "a number of bytes such as 512MiB".
    static var form: String { get }

    /// Nil where the text has another form.
    init?(form text: String)
}

extension FormedArgument {
    init?(argument: String) {
        OptionForm.refused = Self.form
        self.init(form: argument)
        OptionForm.refused = nil
    }
}

/// The forms of values of options, for messages about other values.
enum OptionForm {
    /// The form of a value that was refused, for the first ends the command.
    nonisolated(unsafe) static var refused: String?

    /// The options whose value is any number.
    private static let numbers: Set = [
        "--temperature", "--curvature", "--noise", "--momentum", "--exponent", "--noise-exponent", "--goal", "--rate",
        "--critical-batch", "--backup", "--seconds", "--seconds-per-example", "--grace", "--hang", "--radius",
    ]

    /// The argument parser's message about a value, with the form that is accepted behind it.
    static func explained(_ message: String) -> String {
        let (value, option) = ("The value '", "' is invalid for '")
        guard message.hasPrefix(value), let place = message.range(of: option, options: .backwards),
            message.hasSuffix("'")
        else { return message }
        let name = message[place.upperBound...].prefix { $0 != " " && $0 != "'" }
        let form =
            refused ?? (numbers.contains(String(name)) ? "a number such as 0.5" : "a whole number such as 3")
        return "\(message); expected \(form)"
    }
}
