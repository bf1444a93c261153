/// A zip archive named by its members, where it is of a format that is not read here.
enum ZipContents {
    /// A file in words, and what to do with it.
    static func description(of members: [String]) -> String {
        func has(_ test: (String) -> Bool) -> Bool { members.contains(where: test) }
        if has({ $0 == "word/document.xml" }) {
            return "is a Word document; save its table as CSV or XLSX"
        }
        if has({ $0 == "ppt/presentation.xml" }) {
            return "is a PowerPoint presentation; save its table as CSV or XLSX"
        }
        if has({ $0 == "xl/workbook.bin" }) { return "is a binary Excel workbook (.xlsb); save it as .xlsx or CSV" }
        if has({ $0 == "content.xml" }) { return "is an OpenDocument file (.ods); save it as .xlsx or CSV" }
        if has({ $0.hasSuffix("data.pkl") }) {
            return "is a file of PyTorch's; save the tensors with numpy.save, or the parameters as safetensors"
        }
        if has({ $0.hasSuffix(".keras") || $0 == "model.weights.h5" }) { return "is a model of Keras, and no data" }
        return "is a zip archive without NPY arrays; unpack it first"
    }
}
