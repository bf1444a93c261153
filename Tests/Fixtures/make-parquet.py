"""Writes Tests/Fixtures/parquet: small Parquet files by several writers, and expected.json.

The expected values are computed from the tables in memory, never from the files.
python3 -m pip install pyarrow pandas polars duckdb; python3 Tests/Fixtures/make-parquet.py
"""

import datetime as dt
import decimal
import json
import math
import pathlib
import uuid

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

FOLDER = pathlib.Path(__file__).parent / "parquet"
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
expected = {"files": [], "tables": []}


def cell(value, kind):
    """A value as a table of Batchwise has it."""
    if value is None or isinstance(value, (float, np.floating)) and math.isnan(value):
        return None
    if kind == "texts":
        if isinstance(value, bool):
            return str(value).lower()
        return str(value) if value != "" else None
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            value = value.replace(tzinfo=dt.timezone.utc)
        ticks = (value - EPOCH) // dt.timedelta(microseconds=1)
        return ticks // 10**6 + (ticks % 10**6) / 1e6
    if isinstance(value, dt.date):
        return 86400 * (value - EPOCH.date()).days
    if isinstance(value, dt.time):
        return 3600 * value.hour + 60 * value.minute + value.second + value.microsecond / 1e6
    return float(value)


def note(name, columns, notices=0):
    """columns: name -> (numbers, dates or texts, values)."""
    assert all(kind in ("numbers", "dates", "texts") for kind, _ in columns.values())
    table = [
        {"name": column, "kind": kind, "texts" if kind == "texts" else "numbers": [cell(value, kind) for value in values]}
        for column, (kind, values) in columns.items()
    ]
    if table not in expected["tables"]:
        expected["tables"].append(table)
    expected["files"].append({"name": name, "notices": notices, "table": expected["tables"].index(table)})


# PyArrow: every flat type, with and without missing values
rows = 23
hole = lambda values, step=5: [None if i % step == 3 else v for i, v in enumerate(values)]
integers = {"int8": 7, "int16": 15, "int32": 31, "int64": 53, "uint8": 8, "uint16": 16, "uint32": 32, "uint64": 53}
types, values, kinds = {}, {}, {}
for name, bits in integers.items():
    low = 0 if name[0] == "u" else -(2**bits)
    top = 2**bits - (0 if bits == 53 else 1)
    values[name] = hole([(low, top, 0, 1, 5, 100)[i % 6] for i in range(rows)])
    types[name], kinds[name] = getattr(pa, name)(), "numbers"
add = lambda name, type, kind, column: (types.update({name: type}), kinds.update({name: kind}), values.update({name: column}))
add("float16", pa.float16(), "numbers", [np.float16(v) for v in (0.1 * i - 1 for i in range(rows - 3))] + [np.float16(v) for v in (6e-8, 65504, math.nan)])
add("float32", pa.float32(), "numbers", hole([float(np.float32(i / 7)) for i in range(rows)]))
add("float64", pa.float64(), "numbers", hole([i / 7 - 1e-300 for i in range(rows)], 7))
add("bool", pa.bool_(), "texts", hole([i % 3 == 0 for i in range(rows)]))
add("string", pa.string(), "texts", hole([("b", "a", "", "ä", "NA", "long text of more than eight bytes")[i % 6] for i in range(rows)]))
add("large", pa.large_string(), "texts", [f"t{i % 4}" for i in range(rows)])
add("dictionary", pa.dictionary(pa.int8(), pa.string()), "texts", hole(["red", "green", "blue"] * 7 + ["red"] * 2))
add("date32", pa.date32(), "dates", hole([dt.date(1960 + 5 * i, 3, 1) for i in range(rows)]))
for unit, step in {"s": 10**6, "ms": 1000, "us": 1}.items():
    moments = [dt.datetime(1969, 12, 31, 23, 59, 58) + dt.timedelta(days=37 * i, microseconds=123456 * i // step * step) for i in range(rows)]
    add("moment_" + unit, pa.timestamp(unit), "dates", hole(moments))
    add("zone_" + unit, pa.timestamp(unit, "Europe/Berlin"), "dates", hole([m.replace(tzinfo=dt.timezone.utc) for m in moments]))
add("moment_ns", pa.timestamp("ns"), "dates", hole([dt.datetime(2024, 2, 29, 12, 30, 5, 100 * i) for i in range(rows)]))
add("time", pa.time64("us"), "numbers", [dt.time(i, 2 * i, i, 250000) for i in range(rows)])
for digits, scale in {5: 2, 15: 4, 30: 10, 60: 20}.items():
    type = (pa.decimal256 if digits > 38 else pa.decimal128)(digits, scale)
    unscaled = [(-1) ** i * (10 ** (digits - 2) // (i + 1)) for i in range(rows)]
    with decimal.localcontext(decimal.Context(prec=80)):
        add(f"decimal{digits}", type, "numbers", hole([decimal.Decimal(v).scaleb(-scale) for v in unscaled]))
add("empty", pa.null(), "numbers", [None] * rows)
add("no_text", pa.string(), "numbers", [None] * rows)
names = list(values)
schema = pa.schema([pa.field(n, types[n]) for n in names])
table = pa.table([pa.array(values[n], types[n]) for n in names], schema=schema)
columns = {n: (kinds[n], values[n]) for n in names}


def write(name, table, columns, notices=0, **options):
    pq.write_table(table, FOLDER / name, **options)
    note(name, columns, notices)


write("types-plain-v1.parquet", table, columns, 1, compression="none", use_dictionary=False, store_schema=False)
write("types-v2.parquet", table, columns, 1, compression="none", data_page_version="2.0", store_schema=False)
write("types-groups.parquet", table, columns, 1, compression="snappy", row_group_size=9, store_schema=False, write_page_checksum=True)

few = ["int32", "float64", "string", "bool", "moment_us"]
small, small_columns = table.select(few), {n: columns[n] for n in few}
for codec in ("snappy", "gzip", "zstd"):
    for version in ("1.0", "2.0"):
        write(f"{codec}-v{version[0]}.parquet", small, small_columns, compression=codec, data_page_version=version, use_dictionary=False)
write("int96.parquet", table.select(["moment_us", "moment_ns"]), {n: columns[n] for n in ("moment_us", "moment_ns")}, use_deprecated_int96_timestamps=True)
for codec in ("lz4", "brotli"):
    pq.write_table(small, FOLDER / f"refused-{codec}.parquet", compression=codec)

# encodings, several pages and groups, a group of no rows, a dictionary that overflows to plain pages
many = 600
words = [f"word {i * i % 911}" for i in range(many)]
whole = [(i * 7919) % 10007 - 5000 for i in range(many)]
wide = [(i * 2654435761) % 2**53 - 2**52 for i in range(many)]
floats = [math.sin(i) for i in range(many)]
long = pa.table({"text": words, "int32": pa.array(whole, pa.int32()), "int64": wide, "float64": floats, "float32": pa.array([i / 4 for i in range(many)], pa.float32()), "gaps": pa.array(hole(whole, 4), pa.int64())})
long_columns = {"text": ("texts", words), "int32": ("numbers", whole), "int64": ("numbers", wide), "float64": ("numbers", floats), "float32": ("numbers", [i / 4 for i in range(many)]), "gaps": ("numbers", hole(whole, 4))}
for text_encoding in ("DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"):
    write(
        f"deltas-{text_encoding.split('_')[1].lower()}.parquet", long.slice(0, 300), {n: (k, v[:300]) for n, (k, v) in long_columns.items()},
        use_dictionary=False, compression="zstd", data_page_size=512, write_batch_size=64, data_page_version="2.0",
        column_encoding={"text": text_encoding, "int32": "DELTA_BINARY_PACKED", "int64": "DELTA_BINARY_PACKED", "gaps": "DELTA_BINARY_PACKED", "float64": "BYTE_STREAM_SPLIT", "float32": "BYTE_STREAM_SPLIT"})
write("overflow.parquet", long, long_columns, compression="zstd", dictionary_pagesize_limit=1000, data_page_size=500, write_batch_size=50, row_group_size=250)
with pq.ParquetWriter(FOLDER / "empty-group.parquet", small.schema) as writer:
    writer.write_table(small.slice(0, 5))
    writer.write_table(small.slice(0, 0))
    writer.write_table(small.slice(5))
note("empty-group.parquet", small_columns)
pq.write_table(small.slice(0, 0), FOLDER / "no-rows.parquet")

# required columns, and numbers that a Double cannot tell apart
required = pa.schema([pa.field("x", pa.int64(), nullable=False), pa.field("s", pa.string(), nullable=False)])
write("required.parquet", pa.table({"x": [1, 2, 3], "s": ["b", "a", "b"]}, schema=required), {"x": ("numbers", [1, 2, 3]), "s": ("texts", ["b", "a", "b"])})
beyond = [2**53 + 1, None, -(2**63), 7]
unsigned = [2**64 - 1, 1, None, 3]
write("beyond.parquet", pa.table({"id": pa.array(beyond, pa.int64()), "u": pa.array(unsigned, pa.uint64()), "x": [1, 2, 3, 4]}), {"id": ("texts", beyond), "u": ("texts", unsigned), "x": ("numbers", [1, 2, 3, 4])}, 2)

# columns that are left out, and other annotations
nested = pa.table({"x": [1.5, 2.5], "list": [[1], [2, 3]], "structure": [{"a": 1, "b": [2]}, {"a": 3, "b": []}], "y": ["p", "q"], "map": pa.array([[("k", 1)], []], pa.map_(pa.string(), pa.int64())), "fixed": pa.array([b"abc", b"def"], pa.binary(3))})
write("nested.parquet", nested, {"x": ("numbers", [1.5, 2.5]), "y": ("texts", ["p", "q"])}, 4)
pq.write_table(nested.select(["list"]), FOLDER / "refused-nested.parquet")
pq.write_table(pa.table({"b": [b"\xff\xfe", b"ok"]}), FOLDER / "refused-bytes.parquet")
pq.write_table(pa.table({"f": [1.0, math.inf]}), FOLDER / "refused-infinite.parquet")

# pandas: an index that is stored, nullable columns, categories
frame = pd.DataFrame({
    "count": pd.array([1, None, 3, 4], dtype="Int64"), "flag": pd.array([True, None, False, True], dtype="boolean"),
    "grade": pd.Categorical(["low", "high", None, "low"], categories=["low", "high"]), "price": [1.5, np.nan, 2.5, 3.5],
    "day": pd.to_datetime(["2024-01-01", "2024-01-02", None, "2024-01-04"]), "name": ["a", "b", None, "d"]})
frame = frame.loc[[2, 0, 3, 1]]
frame.to_parquet(FOLDER / "pandas.parquet")
order = lambda values: [values[i] for i in (2, 0, 3, 1)]
note("pandas.parquet", {
    "count": ("numbers", order([1, None, 3, 4])), "flag": ("texts", order([True, None, False, True])),
    "grade": ("texts", order(["low", "high", None, "low"])), "price": ("numbers", order([1.5, None, 2.5, 3.5])),
    "day": ("dates", order([dt.date(2024, 1, 1), dt.date(2024, 1, 2), None, dt.date(2024, 1, 4)])),
    "name": ("texts", order(["a", "b", None, "d"]))}, 1)

# DuckDB and Polars
connection = duckdb.connect()
identifier = uuid.UUID("01234567-89ab-cdef-0123-456789abcdef")
connection.execute(f"create table t as select i::integer as i, i / 4.0::double as d, case when i % 3 = 0 then null else 'w' || i % 5 end as s, i % 2 = 0 as b, date '2024-01-01' + i::integer as day, (i * 1.25)::decimal(9,2) as price, uuid '{identifier}' as u from range(40) r(i)")
duck = {"i": ("numbers", list(range(40))), "d": ("numbers", [i / 4 for i in range(40)]), "s": ("texts", [None if i % 3 == 0 else f"w{i % 5}" for i in range(40)]), "b": ("texts", [i % 2 == 0 for i in range(40)]), "day": ("dates", [dt.date(2024, 1, 1) + dt.timedelta(i) for i in range(40)]), "price": ("numbers", [i * 1.25 for i in range(40)]), "u": ("texts", [identifier] * 40)}
for version in ("v1", "v2"):
    connection.execute(f"copy t to '{FOLDER}/duckdb-{version}.parquet' (format parquet, parquet_version '{version}', compression snappy)")
    note(f"duckdb-{version}.parquet", duck)
for name, options in {"polars": {}, "polars-gzip": {"compression": "gzip", "row_group_size": 16}}.items():
    pl.DataFrame({k: v for k, (_, v) in duck.items() if k != "u"}).write_parquet(FOLDER / f"{name}.parquet", **options)
    note(f"{name}.parquet", {k: v for k, v in duck.items() if k != "u"})

(FOLDER / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n")
