import Batchwise
import BatchwiseData
import BatchwiseRuns
import Foundation

/// The text of a recipe to start from: all keys, each with its meaning and its other values.
struct StartingRecipe {
    let recipe: Recipe
    let data: LoadedData
    /// The path where the recipe will be written; the paths of the data begin there.
    let path: String
    /// Why keys have the values that they have, a line each.
    var reasons: [String] = []

    func text() throws -> String {
        let notation = try recipe.notation().withAbsolutePaths().mappingPaths(relative)
        var lines = header
        // The comments of a key stand before its first line.
        for line in try notation.yaml().split(separator: "\n") {
            let key = line.prefix { $0.isLetter || $0 == "-" }
            if let comment = Self.comments[String(key)], line.dropFirst(key.count).first == ":" {
                lines += ["", comment]
            }
            lines.append(String(line))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var header: [String] {
        var lines = [
            "# A recipe for Batchwise: everything that decides the result, and nothing else.",
            "# Train it:  batchwise train \(path.split(separator: "/").last.map(String.init) ?? path)",
            "# \(data.text)",
        ]
        lines += reasons.map { "# \($0)" }
        if case .table(let encoder) = data.preprocessing.features {
            var texts = 0
            for column in encoder.columns {
                switch column.encoding {
                case .oneHot, .ordinal, .hashed: texts += 1
                case .numeric, .logarithmic, .date: break
                }
            }
            let numbers = counted(encoder.columns.count - texts, "column")
            lines.append(
                "# \(numbers) of numbers, \(texts) of texts (one feature a text, unless data.columns says else)")
        }
        if case .characters(let vocabulary) = data.preprocessing.features {
            lines.append(
                "# \(counted(vocabulary.count, "character")); each is learned from the "
                    + "\(data.preprocessing.featureShape[0]) before it")
        }
        return lines
    }

    /// A path as seen from the recipe's folder.
    private func relative(_ absolute: String) -> String {
        func parts(_ path: String) -> [Substring] { path.split(separator: "/").filter { $0 != "." } }
        let folder = parts(absolutePath(path)).dropLast()
        let file = parts(absolute)
        guard !folder.contains(".."), !file.contains("..") else { return absolute }
        let common = zip(folder, file).prefix { $0 == $1 }.count
        let up = folder.count - common
        // A relative path that leads far up is no easier to read than an absolute one, and breaks more easily.
        guard up <= 2, common > 0 else { return absolute }
        let name = (Array(repeating: "..", count: up) + file.dropFirst(common)).joined(separator: "/")
        return name == DataSource.digits ? "./" + name : name
    }

    private static let comments = [
        "data": """
        # The examples. Paths begin at this file's folder. Test examples are optional.
        #   data: digits                                               bundled handwritten digits
        #   data: {train: table.csv, target: price}                    a column's name, or its number from 1
        #   data: {train: "part-*.csv", test: [may.csv, june.csv]}     several files of the same columns as one
        #   data: {train: rows.svm, test: rows.test.svm}               LIBSVM text, kept sparse
        #   data: {train: train-images-idx3-ubyte.gz}                  labels and t10k files beside it are found
        #   data: {train: x.npy, labels: y.npy, test: x2.npy, test-labels: y2.npy}
        #   data: {train: mnist.npz}                                   x_train, y_train, x_test, y_test; or x, y
        #   data: {train: "a.npz:inputs", labels: "a.npz:outputs"}     arrays by name
        #   data: {train: houses.sqlite, table: houses, target: price} or query: "SELECT ... FROM ..."
        #   data: {train: input.txt, window: 8}                        the next character of a text; tested on its end
        #   data: {train: photos, size: [64, 64]}                      class/name.png or .jpg; test images in photos/test
        #   data: {train: list.csv, images: path, target: label}       a table with a column of paths
        # More keys: split: {test: 0.2}   the parts kept; beside it validation: 0.1, by: stratified, group: customer
        #            columns: {age: min-max, income: log, city: {hash: 64}, size: {ordinal: [S, M, L]}, zip: one-hot}
        #                                 or standardise, none, ignore; {as: log, missing: most-frequent}, or mean
        #            class-weights: {rare: 3}   or balanced: how much the classes count
        #            format: libsvm       or csv, where the name and the first line do not tell
        #            header: false        the first row of the table is data
        #            bad-lines: skip      lines that cannot be read are left out; or pad: empty cells for missing fields
        #            weights: column      how much each example counts
        #            ignore: [id, name]   columns that are not learnt from
        #            task: regression     or classification; without it the target decides
        #            standardise: false   numbers stay as they are, for ids
        #            channels: 1          images become gray, or 3: RGB; images-folder: where the paths of a list begin
        #            channels: first      or last: the axis of an array of images that holds their channels
        """,
        "model": """
        # Layers, from the features to the outputs; or a preset: linear, mlp, cnn, text.
        # The last one has as many units as there are classes or values: {dense: classes}.
        #   relu, leaky-relu, tanh, sigmoid, gelu, silu, flatten, {dropout: 0.2}
        #   {batch-norm: batch} over all examples of an update, or {batch-norm: {ghost: 32}}; layer-norm, {group-norm: 4},
        #   instance-norm
        #   {conv: {filters: 32, kernel: 3, padding: same}}, {max-pool: 2}, {average-pool: 2}, global-average-pool
        #   {residual: [{dense: 128}, relu, {dense: 128}]}, {embedding: {vocabulary: classes, width: 32}} of characters
        """,
        "loss": """
        # softmax-cross-entropy, {softmax-cross-entropy: {label-smoothing: 0.1}}, binary-cross-entropy (two classes),
        # mse, {huber: {delta: 1.0}}
        """,
        "batch": """
        # The examples of one update. However the machine cuts it up, the result is the same.
        #   last: keep, drop or pad: what becomes of the smaller last batch of an epoch
        #   grain: 16, lanes: 2: how its gradients are summed; without them the batch decides
        #   block: 1024: shuffles blocks of examples, for data that the memory cannot hold
        #   sampling: class-balance, or {by: weights, replacement: false, examples: 1000}: how an epoch draws examples
        #   grow: {at: [30 epochs, 60 epochs], times: 5}: a larger batch instead of a lower rate; or to: [512, 2048];
        #     up-to: 4096 limits it, rate: scale and momentum: scale let these go with it
        #   grow: {by: norm-test, theta: 0.5, every: 1 epochs, up-to: 4096}: as the noise of the gradient asks for it;
        #     or by: noise-scale, by: cabs, or by: goodput with the overhead that batchwise measure throughput prints
        """,
        "optimizer": """
        #   {sgd: {momentum: 0.9, nesterov: true, weight-decay: 0.0005}}   also dampening, and decoupled: true of the decay
        #   {adam: {beta1: 0.9, beta2: 0.999, epsilon: 1e-8}}, {adamw: {weight-decay: 0.01}}   amsgrad: true; nadam, lion
        #   {rmsprop: {smoothing: 0.99, centered: true, momentum: 0.9}}, {adagrad: {initial: 0.1, rate-decay: 0.01}}
        #   {lars: {momentum: 0.9, trust: 0.02}}, lamb: for very large batches
        #   {muon: {momentum: 0.95, length: adamw}}: matrices of hidden layers; all else by AdamW
        # sam: {rho: 0.05}   steps by the gradient that is rho uphill, for flatter minima, in twice the time; adaptive: true
        # clip: {norm: 1}   bounds the gradient of a batch; or {parameter-norm: 1}, {value: 0.5}: of each parameter, number
        # groups: [{match: "*.bias", rate: 2}, {match: "0", freeze: true}, {match: head, weight-decay: 0}]   of what is said
        #   twice, the last holds; match is the name of a parameter or layer, with * for any text
        # freeze: [0, "2.*"]   these stay as they are; with from: runs/a, which begins with the parameters of a saved model
        # average: {ema: 0.999} or {swa: {from: 15 epochs, every: 1 epochs}}   evaluates and saves averaged parameters
        # asynchronous: {delay: 3}   takes gradients late; {bound: 8}: processes do not wait; {hogwild: true}: nor do threads;
        #                            {backup: 1}: processes do not wait for the last of them
        """,
        "learning-rate": """
        # For another batch size let it grow: {base: 0.02, at-batch: 32, scaling: linear}; or square-root, {power: 0.75},
        #     or adascale, which measures by how much
        #   warmup: 5 epochs   (or updates, examples): a slow start, for large batches
        #           {over: 5 epochs, from: 0.001, shape: linear}   or exponential, constant; without from: the base rate
        #   decay: cosine      or linear: falls to 0 at the end; or constant
        #          {cosine: {end: 0.001, from: 10 epochs}}, {polynomial: {power: 2}}   linear takes the same keys
        #          {step: {every: 30 epochs, factor: 0.1}}, {multi-step: {at: [30 epochs, 60 epochs], factor: 0.1}}
        #          {exponential: {factor: 0.95, every: 1 epoch}}, inverse-square-root, {restarts: {first: 5 epochs, factor: 2}}
        #          one-cycle, {one-cycle: {rise: 0.3, momentum: {high: 0.95, low: 0.85}}}   or momentum: none
        #          {triangular: {low: 0.001, up: 2 epochs, height: halving}}   and momentum, as for one-cycle
        #          plateau, {plateau: {factor: 0.1, patience: 10, metric: validation-loss}}   cuts when that stops falling
        #   Marks count from the start of training, warmup and all.
        """,
        "epochs": """
        # Passes over the training examples.
        #   early-stopping: {patience: 5 epochs, metric: validation-loss, min-delta: 0.001}   or validation-accuracy,
        #                   train-loss: ends the run when so many epochs were no better; needs data.split.validation
        #   keep: best      the model is that of the best epoch, by the same metric or {best: validation-accuracy}
        """,
        "seed": """
        # augment: [{crop: 2}, flip, {rotate: 10}, {brightness: 0.2}, {cutout: 8}, {mixup: 0.2}]   of images, in training
        # precision: bfloat16   dense layers multiply shorter numbers, where the processor can
        # What every random choice is made from: order, first parameters, dropout, split.
        """,
    ]
}
