"""Reads a result from Python, and touches every cell.

reader.py trino PORT ENCODING SQL ITERATIONS
reader.py trino-fetchall PORT ENCODING SQL ITERATIONS
reader.py pyodbc-fetchall CONNECTION-STRING SQL ITERATIONS
reader.py turbodbc-fetchall CONNECTION-STRING SQL ITERATIONS

`fetchall` is what is measured then, and cells are touched afterwards. Otherwise rows are read and touched one by one.
"""

import json
import resource
import sys
import time
from datetime import date, datetime
from decimal import Decimal


def connect(client, where):
    if client == "pyodbc":
        import pyodbc

        return pyodbc.connect(*where, autocommit=True)
    if client == "turbodbc":
        import turbodbc

        return turbodbc.connect(connection_string=where[0])
    import trino

    port, encoding = where
    return trino.dbapi.connect(
        host="127.0.0.1",
        port=int(port),
        user="bench",
        http_scheme="http",
        encoding=None if encoding == "direct" else encoding,
    )


def read(connection, sql, whole):
    cpu, began, first = time.process_time(), time.perf_counter(), None
    rows = cells = characters = heads = integers = 0
    cursor = connection.cursor()
    cursor.execute(sql)
    given = cursor
    if whole:
        given = cursor.fetchall()
        first = wall = time.perf_counter() - began
        cpu_used = time.process_time() - cpu
    doubles = None
    for row in given:
        if first is None:
            first = time.perf_counter() - began
        if doubles is None:
            doubles = [0.0] * len(row)
        rows += 1
        for at, value in enumerate(row):
            if value is None:
                continue
            cells += 1
            kind = type(value)
            if kind is int:
                integers += value
            elif kind is str:
                characters += len(value)
                if value and value[0] < "\x80":
                    heads += ord(value[0])
            elif kind is float:
                doubles[at] += value
            elif kind not in (date, datetime, Decimal):
                raise TypeError(kind)
    if not whole:
        wall = time.perf_counter() - began
        cpu_used = time.process_time() - cpu
    sums = {
        "rows": rows,
        "cells": cells,
        "characters": characters,
        "heads": heads,
        "integers": integers,
        "doubles": sum(doubles or []),
        "cpu": cpu_used,
        "wall": wall,
        "first": first,
        "peak": peak(),
    }
    print(json.dumps(sums), flush=True)


def peak():
    """The most memory that this process held, in kilobytes."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


client, *where, sql, iterations = sys.argv[1:]
client, _, whole = client.partition("-")
connection = connect(client, where)
for _ in range(int(iterations)):
    read(connection, sql, bool(whole))
