import Batchwise
import BatchwiseData
import Foundations

extension AuditCertificate {
    /// The failure of the audit in one line; nil where there is none.
    var fault: String? {
        switch verdict {
        case .sameBits: return nil
        case .differs:
            let row = rows.first { $0.difference != nil }
            return "audit: other bits by \"\(row?.name ?? "")\": \(row?.difference?.text ?? "")"
        case .invalid:
            let control = controls.first { $0.difference == nil || !$0.isCalibrated }
            return "audit: it is not valid, for the control \"\(control?.name ?? "")\" "
                + (control?.difference == nil
                    ? "came to the same bits: nothing could have been told"
                    : "came to other bits with exact weights too")
        }
    }

    /// A table for people, in 80 columns.
    var text: String {
        let model = brokenLines("\(model): \(counted(parameters, "parameter"))", width: 69)
        var lines = model.enumerated().map { ($0 == 0 ? "model      " : String(repeating: " ", count: 11)) + $1 }
        lines += [
            "batch      \(grouped(Double(batch))) of \(counted(examples, "example")), the last of an epoch "
                + "\(grouped(Double(lastBatch))); updates \(firstUpdate) to \(firstUpdate + updates - 1)",
            "recipe     \(recipe ?? "holds layers of a program's own")", "program    \(build), \(instructionSet)",
            "compared   the bits of parameters, optimizer and losses",
        ]
        lines += notices.flatMap { brokenLines("note: \($0)", width: 80) } + [""]
        var table = [["run", "workers", "micro-batch", "steps", "result"]]
        for (index, row) in rows.enumerated() {
            table.append([
                row.name, "\(row.workers)", "\(row.microBatch)", "\(row.accumulationSteps)",
                row.difference.map { "OTHER BITS: \($0.text)" } ?? (index == 0 ? "reference" : "same bits"),
            ])
        }
        for control in controls {
            table.append([
                "control: \(control.name)", "", "", "", control.difference?.text ?? "SAME BITS, and must not",
            ])
        }
        lines += table.flatMap(Self.lines) + [""]
        for control in controls { lines += brokenLines("control: \(control.explanation)", width: 80) }
        let same = rows.count { $0.difference == nil }
        let apart = controls.count { $0.difference != nil && $0.isCalibrated }
        let verdict =
            switch verdict {
            case .sameBits: "same bits"
            case .differs: "OTHER BITS"
            case .invalid: "NOT VALID"
            }
        lines.append(
            "\(verdict): \(same) of \(counted(rows.count, "run")) agree, \(apart) of \(counted(controls.count, "control")) "
                + (controls.count == 1 ? "differs" : "differ"))
        return lines.joined(separator: "\n") + "\n"
    }

    /// A row of the table. A name or a result that is long has lines of its own.
    private static func lines(_ row: [String]) -> [String] {
        let (nameWidth, resultWidth) = (40, 9)
        var numbers = ""
        for (cell, width) in zip(row[1...3], ["workers".count, "micro-batch".count, "steps".count]) {
            numbers += "  " + String(repeating: " ", count: max(0, width - cell.count)) + cell
        }
        let isShort = row[4].count <= resultWidth
        let behind = (numbers + (isShort ? "  " + row[4] : "")).trimmingEnd
        let name = row[0]
        let room = String(repeating: " ", count: max(0, nameWidth - name.count))
        var lines =
            behind.isEmpty
            ? brokenLines(name, width: 80)
            : name.count <= nameWidth
                ? [name + room + behind]
                : brokenLines(name, width: 80) + [String(repeating: " ", count: nameWidth) + behind]
        if !isShort { lines += brokenLines(row[4], width: 76).map { "    " + $0 } }
        return lines
    }

    var json: JSON {
        .object([
            ("recipe_sha256", JSON(recipe)), ("model", .string(model)), ("examples", .int(examples)),
            ("parameters", .int(parameters)), ("batch", .int(batch)), ("last_batch", .int(lastBatch)),
            ("first_update", .int(firstUpdate)), ("updates", .int(updates)), ("build", .string(build)),
            ("instruction_set", .string(instructionSet)), ("rows", .array(rows.map(\.json))),
            ("controls", .array(controls.map(\.json))), ("verdict", .string(verdict.rawValue)),
            ("notices", .array(notices.map { .string($0) })),
        ])
    }
}

extension AuditCertificate.Difference {
    /// A part of a sentence for people.
    var text: String {
        let units =
            unitsInTheLastPlace == .max
            ? "not a number in \(place)"
            : "\(grouped(Double(unitsInTheLastPlace))) ULP in \(place)"
        let share = percent(Double(count) / Double(total))
        return "\(units), \(share) of the numbers, by \(significant(100 * relative))% of the way trained"
    }

    var json: JSON {
        .object([
            ("place", .string(place)), ("ulp", .int(Int(clamping: unitsInTheLastPlace))), ("numbers", .int(count)),
            ("of", .int(total)), ("relative", .number(relative)),
        ])
    }
}

extension AuditCertificate.Row {
    fileprivate var json: JSON {
        .object([
            ("name", .string(name)), ("workers", .int(workers)), ("micro_batch", .int(microBatch)),
            ("accumulation_steps", .int(accumulationSteps)), ("updates", .int(updates)),
            ("same_bits", .bool(difference == nil)), ("difference", difference?.json ?? .null),
        ])
    }
}

extension AuditCertificate.Control {
    fileprivate var json: JSON {
        .object([
            ("name", .string(name)), ("explanation", .string(explanation)), ("differs", .bool(difference != nil)),
            ("calibrated", .bool(isCalibrated)), ("difference", difference?.json ?? .null),
        ])
    }
}

extension String {
    /// The text without blanks at its end.
    fileprivate var trimmingEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
