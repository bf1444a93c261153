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

    /// A table for people.
    var text: String {
        var lines = [
            "model      \(model): \(counted(parameters, "parameter"))",
            "batch      \(grouped(Double(batch))) of \(counted(examples, "example")), the last of an epoch "
                + "\(grouped(Double(lastBatch))); updates \(firstUpdate) to \(firstUpdate + updates - 1)",
            "recipe     \(recipe ?? "holds layers of a program's own")", "program    \(build), \(instructionSet)",
        ]
        lines += notices.map { "note: \($0)" } + [""]
        var table = [["run", "workers", "micro-batch", "steps", "parameters, optimizer, losses"]]
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
        let widths = (0..<4).map { place in table.map { $0[place].count }.max() ?? 0 }
        for row in table {
            let cells = (0..<4).map { place in
                let room = String(repeating: " ", count: widths[place] - row[place].count)
                return place == 0 ? row[place] + room : room + row[place]
            }
            lines.append((cells + [row[4]]).joined(separator: "  "))
        }
        lines.append("")
        for control in controls { lines.append("control: \(control.explanation)") }
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
