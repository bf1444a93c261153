/// The keys of a recipe's data that belong to one kind of data, as they are written: any of them may stand beside any
/// other until `kind(task:)` has decided which kind they mean.
struct KindKeys {
    var format: DataSource.Format?
    var labels = DataSource.Labels()
    var table: String?
    var query: String?
    var window: Int?
    var columns = DataSource.Columns()
    var imageColumn: String?
    var imageFolder: String?
    var images = DataSource.Images()
    var channelAxis: DataSource.ChannelAxis?

    init(_ reader: inout RecipeReader) throws(RecipeError) {
        format = try reader.choice("format", DataSource.Format.self)
        labels.train = try reader.strings("labels", "a file or a list of files")
        labels.test = try reader.strings("test-labels", "a file or a list of files")
        table = try reader.string("table", "a table")
        query = try reader.string("query", "a SELECT statement")
        window = try reader.int("window", in: 1...(1 << 16))
        columns.targets = try reader.columns("target")
        columns.header = try reader.bool("header")
        columns.badLines = try reader.choice("bad-lines", DataSource.BadLines.self) ?? .refuse
        columns.decimal = try reader.choice("decimal", DataSource.DecimalSign.self)
        columns.dates = try reader.choice("dates", DataSource.DateOrder.self)
        columns.form = try DataSource.TextForm(&reader)
        columns.weights = try reader.string("weights", "a column")
        columns.ignore = try reader.columns("ignore")
        if let rules = reader.value("columns") {
            columns.rules = try ColumnRule.rules(notation: rules, at: reader.at("columns"))
        }
        imageColumn = try reader.string("images", "a column")
        imageFolder = try reader.string("images-folder", "a folder")
        images.size = try DataSource.Images.size(&reader)
        (images.channels, channelAxis) = try reader.channels()
    }

    /// The keys that a kind is written with.
    init(_ kind: DataSource.Kind) {
        switch kind {
        case .automatic: break
        case .table(let columns):
            self.columns = columns
            format = columns.isCSV ? .csv : nil
        case .database(let rows, let columns):
            self.columns = columns
            switch rows {
            case .table(let name): table = name
            case .query(let statement): query = statement
            }
        case .arrays(let labels, let channels): (self.labels, channelAxis) = (labels, channels)
        case .sparse: format = .libsvm
        case .images(let images): self.images = images
        case .imageList(let list):
            (imageColumn, imageFolder, images) = (list.column, list.folder, list.shape)
            columns = .init(target: list.target, weights: list.weights, header: list.header)
        case .text(let window): self.window = window
        }
    }
}

// MARK: - The kind that the keys mean

extension KindKeys {
    private var hasColumns: Bool { columns != DataSource.Columns() }
    private var hasLabels: Bool { labels != DataSource.Labels() || channelAxis != nil }
    private var hasRows: Bool { table != nil || query != nil }
    private var hasImages: Bool { imageColumn != nil || imageFolder != nil || images != DataSource.Images() }

    /// The kind of data that all keys belong to.
    ///
    /// - Throws: `RecipeError.conflict` where there is none.
    func kind(task: DataSource.Task?) throws(RecipeError) -> DataSource.Kind {
        if let window {
            try require(
                !hasColumns && !hasLabels && !hasRows && !hasImages && format == nil && task != .regression,
                "data.window is for plain text, whose next character is the target: remove target, labels, weights, "
                    + "header, bad-lines, ignore, columns, split.group, table, query, images, format and task")
            return .text(window: window)
        }
        if let imageColumn { return .imageList(try imageList(imageColumn)) }
        if hasImages {
            try require(
                !hasColumns && !hasLabels && !hasRows && format == nil && imageFolder == nil,
                "data.size, channels and images-folder are for images: name the column of their paths (data.images), "
                    + "or remove target, labels, weights, header, bad-lines, ignore, columns, split.group, table, "
                    + "query, format and images-folder")
            return .images(images)
        }
        if let rows = try databaseRows() {
            try require(!hasLabels, Self.labelsOfTable)
            return .database(rows, columns)
        }
        if hasLabels {
            try require(!hasColumns, Self.labelsOfTable)
            return .arrays(labels, channels: channelAxis)
        }
        if format == .libsvm {
            try require(
                !hasColumns,
                "data.target, weights, header, bad-lines, ignore, columns and split.group are for tables, and LIBSVM text "
                    + "is none")
            return .sparse
        }
        guard hasColumns || format == .csv else { return .automatic }
        var columns = columns
        columns.isCSV = format == .csv
        return .table(columns)
    }

    private static let labelsOfTable =
        "data.labels and channels: first or last are for IDX, NPY and NPZ files; a table has data.target"

    private func imageList(_ column: String) throws(RecipeError) -> DataSource.ImageList {
        try require(
            !hasLabels && columns.ignore.isEmpty && columns.rules.isEmpty && columns.group == nil && !hasRows
                && columns.badLines == .refuse && columns.decimal == nil && columns.dates == nil
                && columns.form == DataSource.TextForm() && format != .libsvm,
            "data.labels, test-labels, bad-lines, encoding, separator, quote, escape, ignore, columns, split.group, table, "
                + "query and format do not go with data.images")
        try require(columns.targets.count < 2, "data.images goes with one data.target, not \(columns.targets.count)")
        return DataSource.ImageList(
            column: column, folder: imageFolder, target: columns.target, weights: columns.weights,
            header: columns.header, shape: images)
    }

    private func databaseRows() throws(RecipeError) -> DatabaseRows? {
        do throws(DataError) {
            return try DatabaseRows(table: table, query: query)
        } catch {
            throw .conflict(error.description)
        }
    }

    private func require(_ holds: Bool, _ detail: String) throws(RecipeError) {
        if !holds { throw .conflict(detail) }
    }
}
