"""Writes workbook.xlsx and rows.jsonl, by openpyxl and pandas.

pip install openpyxl pandas
python3 make-workbooks.py
"""

import datetime

import openpyxl
import pandas

book = openpyxl.Workbook()
sheet = book.active
sheet.title = "Rows"
sheet.append(["name", "price", "day", "is new", "note"])
sheet.append(["Äpfel & \"Co\"", 1.5, datetime.date(2024, 3, 1), True, "a,b;c"])
sheet.append(["two\nlines", -2, datetime.date(1900, 2, 28), False, None])
sheet.append(["<third>", 1e-7, datetime.datetime(2024, 2, 29, 12, 30, 5), True, " kept "])
sheet.append(["fourth", None, datetime.date(1900, 3, 1), False, "x"])
sheet["B6"] = "=1/0"
sheet["A6"] = "fifth"
sheet["C6"] = datetime.date(9999, 12, 31)
sheet["D6"] = True
sheet["E6"] = "#N/A"
sheet["E6"].data_type = "e"

offset = book.create_sheet("Offset")
offset["C4"] = "x"
offset["D4"] = "y"
for row in range(5, 10):
    offset.cell(row=row + (row > 7), column=3, value=row)
    offset.cell(row=row + (row > 7), column=4, value=row * row)
book.save("workbook.xlsx")

book = openpyxl.Workbook()
sheet = book.active
sheet.append(["kind", "n", None])
sheet.merge_cells("B1:C1")
for row in range(2, 12):
    sheet.append(["a" if row == 2 else "b" if row == 7 else None, row, row * 0.125])
sheet.merge_cells("A2:A6")
sheet.merge_cells("A7:A9")
book.save("workbook-merged.xlsx")

book = openpyxl.Workbook()
book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
sheet = book.active
sheet.append(["day", "amount", "duration"])
sheet.append([datetime.date(2024, 3, 1), 3, datetime.timedelta(hours=30)])
sheet.append([datetime.date(1904, 1, 2), 4, datetime.timedelta(hours=1.5)])
sheet["B2"].number_format = '#,##0.00 "days"'
sheet["B3"].number_format = "[Red]0.0"
book.save("workbook-1904.xlsx")

frame = pandas.DataFrame(
    {
        "city": ["Zürich", None, "São \"Paulo\"", "line\nend"],
        "x": [1.25, float("nan"), -3e-9, 12345678.5],
        "n": [9007199254740993, 1, 2, 3],
        "is_new": [True, False, True, True],
        "day": ["2024-03-01", "2024-03-02", "2024-03-03", "2024-03-04"],
    }
)
frame.to_json("rows.jsonl", orient="records", lines=True)
frame.to_json("rows.json", orient="records", force_ascii=False)
