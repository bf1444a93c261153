@testable import Batchwise
@testable import BatchwiseData

func table(_ text: String, header: Bool? = nil) throws(DataError) -> Table {
    try CSV(path: "t.csv", bytes: Array(text.utf8), header: header).table()
}
