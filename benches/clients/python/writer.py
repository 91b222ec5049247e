"""Inserts rows of bigint, varchar, double and date with executemany: of pyodbc, or of Trino's Python client.

writer.py pyodbc CONNECTION-STRING TABLE ROWS
writer.py trino PORT TABLE ROWS
"""

import json
import sys
import time
from datetime import date, timedelta


def cursor_of(client, where):
    if client == "pyodbc":
        import pyodbc

        cursor = pyodbc.connect(where, autocommit=True).cursor()
        cursor.fast_executemany = True
        return cursor
    import trino

    return trino.dbapi.connect(host="127.0.0.1", port=int(where), user="bench").cursor()


client, where, table, count = sys.argv[1:]
day = date(2000, 1, 1)
rows = [(n, f"some text {n}", n / 7, day + timedelta(days=n % 9000)) for n in range(int(count))]
cursor = cursor_of(client, where)
cpu, began = time.process_time(), time.perf_counter()
cursor.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?)", rows)
wall, cpu = time.perf_counter() - began, time.process_time() - cpu
print(json.dumps({"rows": len(rows), "wall": wall, "cpu": cpu}))
