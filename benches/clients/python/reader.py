"""Reads a result with Trino's Python client, and touches every cell."""

import json
import resource
import sys
import time
from datetime import date, datetime
from decimal import Decimal

import trino


def read(connection, sql):
    cpu, began, first = time.process_time(), time.perf_counter(), None
    rows = cells = characters = heads = integers = 0
    cursor = connection.cursor()
    cursor.execute(sql)
    doubles = None
    for row in cursor:
        if first is None:
            first = time.perf_counter() - began
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
    wall = time.perf_counter() - began
    sums = {
        "rows": rows,
        "cells": cells,
        "characters": characters,
        "heads": heads,
        "integers": integers,
        "doubles": sum(doubles or []),
        "cpu": time.process_time() - cpu,
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


port, encoding, sql, iterations = sys.argv[1:]
connection = trino.dbapi.connect(
    host="127.0.0.1",
    port=int(port),
    user="bench",
    http_scheme="http",
    encoding=None if encoding == "direct" else encoding,
)
for _ in range(int(iterations)):
    read(connection, sql)
