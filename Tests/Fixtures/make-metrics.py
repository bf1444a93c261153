"""Writes metrics.json: the scores of scikit-learn for predicted classes and amounts.

Usage: python make-metrics.py [OUTPUT]

Logits and amounts are multiples of 1/8, which float32 holds exactly, so that there are many ties. Means over classes
leave out those without an example (ROC AUC, average precision, recall) or that neither occur nor are predicted (F1).
"""

import json
import pathlib
import sys

import numpy as np
import sklearn
from sklearn import metrics as M

random = np.random.default_rng(18)


def eighths(array):
    return np.round(array * 8) / 8


def classification(name, labels, logits, weights, outputs):
    count = max(2, logits.shape[1])
    margin = logits[:, 0] if outputs == 1 else logits[:, 1] - logits[:, 0]
    if outputs == 1:
        probabilities = np.stack([1 / (1 + np.exp(margin)), 1 / (1 + np.exp(-margin))], axis=1)
        predicted = (margin > 0).astype(int)
    else:
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities = powers / powers.sum(axis=1, keepdims=True)
        predicted = logits.argmax(axis=1)
    places = range(count)
    precision, recall, f1, _ = M.precision_recall_fscore_support(
        labels, predicted, labels=places, sample_weight=weights, zero_division=np.nan)
    seen = [c for c in places if (labels == c).any()]
    used = [c for c in places if (labels == c).any() or (predicted == c).any()]
    area = {c: M.roc_auc_score(labels == c, probabilities[:, c] if count > 2 else (1 if c else -1) * margin,
                               sample_weight=weights) for c in seen}
    average = {c: M.average_precision_score(labels == c, probabilities[:, c] if count > 2 else (1 if c else -1) * margin,
                                            sample_weight=weights) for c in seen}
    chosen = [1] if count == 2 else seen
    w = np.ones(len(labels)) if weights is None else weights

    def known(value):
        return None if np.isnan(value) else float(value)

    return {
        "name": name, "labels": labels.tolist(), "predicted": predicted.tolist(), "outputs": outputs, "classes": count,
        "logits": logits.ravel().tolist(), "weights": None if weights is None else weights.tolist(),
        "commonest_share": float(max(w[labels == c].sum() for c in places) / w.sum()),
        "balanced_accuracy": M.balanced_accuracy_score(labels, predicted, sample_weight=weights),
        "f1": float(f1[1]) if count == 2 else float(np.mean(f1[used])), "macro_f1": float(np.mean(f1[used])),
        "log_loss": M.log_loss(labels, probabilities, labels=list(places), sample_weight=weights),
        "roc_auc": float(np.mean([area[c] for c in chosen])),
        "average_precision": float(np.mean([average[c] for c in chosen])),
        "precision": [known(p) for p in precision], "recall": [known(r) for r in recall],
        "f1_of_classes": [known(f) for f in f1],
        "confusion": M.confusion_matrix(labels, predicted, labels=list(places)).tolist(),
    }


def regression(name, targets, predicted, weights):
    def scores(of):
        return {
            "r2": M.r2_score(targets, predicted, sample_weight=weights, multioutput=of),
            "mae": M.mean_absolute_error(targets, predicted, sample_weight=weights, multioutput=of),
            "median_error": M.median_absolute_error(targets, predicted, sample_weight=weights, multioutput=of),
        }

    square = M.mean_squared_error(targets, predicted, sample_weight=weights, multioutput="raw_values")
    raw = {key: values.tolist() for key, values in scores("raw_values").items()}
    return {
        "name": name, "width": targets.shape[1], "targets": targets.ravel().tolist(),
        "predicted": predicted.ravel().tolist(), "weights": None if weights is None else weights.tolist(),
        "all": {key: float(value) for key, value in scores("uniform_average").items()}
        | {"rmse": float(np.sqrt(square.mean()))},
        "each": [{key: values[place] for key, values in raw.items()} | {"rmse": float(np.sqrt(square[place]))}
                 for place in range(targets.shape[1])],
    }


def cases():
    def weights(count):
        found = eighths(random.gamma(1.0, 1.0, count))
        found[::7] = 0
        return found

    for outputs, name in [(1, "one logit"), (2, "two logits")]:
        labels = (random.random(90) < 0.2).astype(int)
        logits = eighths(random.normal(size=(90, outputs)) + (2 * labels[:, None] - 1) * np.linspace(-0.7, 0.7, 2)[-outputs:])
        yield classification(name, labels, logits, None, outputs)
        yield classification(name + ", weighted", labels, logits, weights(90), outputs)
    labels = random.choice([0, 1, 2, 4], size=140, p=[0.6, 0.2, 0.15, 0.05])
    logits = eighths(random.normal(size=(140, 6)))
    logits[np.arange(140), labels] += 1
    logits[:, 5] = -9
    yield classification("six classes, two absent, one never predicted", labels, logits, None, 6)
    yield classification("six classes, weighted", labels, logits, weights(140), 6)
    labels = np.arange(60) % 3
    logits = np.repeat(eighths(random.normal(size=(12, 3))), 5, axis=0)
    yield classification("all tied in fives", labels, logits, None, 3)


def amounts():
    targets = eighths(random.normal(size=(75, 3)) * [1, 40, 3] + [0, 100, -5])
    predicted = eighths(targets + random.normal(size=(75, 3)) * [0.5, 10, 6])
    yield regression("three amounts", targets, predicted, None)
    yield regression("three amounts, weighted", targets, predicted, np.arange(75) % 4.0)
    yield regression("one amount, an even number", targets[:40, 1:2], predicted[:40, 1:2], None)
    yield regression("half of the weight exactly", targets[:4, :1], targets[:4, :1] + [[1], [2], [4], [8]],
                     np.array([1.0, 2.0, 2.0, 1.0]))


output = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).with_name("metrics.json"))
output.write_text(json.dumps({
    "scikit-learn": sklearn.__version__, "classes": list(cases()), "amounts": list(amounts())}) + "\n")
