extension CSV: TableFile {
    var database: DatabaseRows? { nil }
}
