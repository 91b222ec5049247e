"""Runs one query through pyodbc and reports how that went.

Standard input is JSON: the connection string, the SQL text, and the driver's log file.
"""

import json
import resource
import sys
import time

import pyodbc

SHOWN = 8
BATCH = 10_000
WIDEST = 24


def main():
    asked = json.load(sys.stdin)
    # What it takes to have Python and pyodbc at all is not the query's.
    before = peak_memory()
    started = time.monotonic()
    with Progress() as progress:
        connection = pyodbc.connect(asked["connection"], autocommit=True)
        connected = time.monotonic()
        cursor = connection.cursor()
        cursor.execute(asked["sql"])
        if cursor.description is None:
            first, total, arrived = [], 0, time.monotonic()
        else:
            first, total, arrived = fetch(cursor, progress)
        finished = time.monotonic()
    memory = peak_memory()
    columns = cursor.description
    changed = cursor.rowcount
    cursor.close()
    connection.close()

    if columns is None:
        print("no result set" + (f", {changed} rows changed" if changed >= 0 else ""))
    else:
        print(table([column[0] for column in columns], first))
        if total > len(first):
            print(f"… and {total - len(first):,} more")
    print()
    facts = last_query(asked["log"])
    seconds = finished - connected
    report("rows", f"{total:,} in {seconds:.2f} s, {total / seconds:,.0f} a second")
    report("connecting", f"{connected - started:.3f} s")
    report("first rows", f"{arrived - connected:.2f} s after execute")
    report("retrieval", facts.get("retrieval") or "unknown")
    report("segments", f"{facts.get('inline', '?')} inline, {facts.get('spooled', '?')} spooled")
    if facts.get("bytes", "").isdigit():
        size = int(facts["bytes"]) / 1e6
        report("downloaded", f"{size:.1f} MB, {size / seconds:.1f} MB a second")
    report("memory", f"{memory:.0f} MB at most, {before:.0f} MB before (the whole Python process)")
    if "query_id" in facts:
        report("query", facts["query_id"])


def fetch(cursor, progress):
    """Fetches all, keeps the first; when the first came."""
    first = cursor.fetchmany(SHOWN)
    arrived = time.monotonic()
    total = len(first)
    while rows := cursor.fetchmany(BATCH):
        total += len(rows)
        progress.report(f"{total:,} rows")
    return first, total, arrived


def table(names, rows):
    """The rows under their names, long values cut."""
    cells = [[text(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(names, *cells)]
    numeric = [
        any(isinstance(row[i], (int, float)) or type(row[i]).__name__ == "Decimal" for row in rows)
        for i in range(len(names))
    ]

    def line(values):
        placed = zip(values, widths, numeric)
        padded = (v.rjust(w) if right else v.ljust(w) for v, w, right in placed)
        return ("| " + " | ".join(padded) + " |")

    rule = "+" + "+".join("-" * (width + 2) for width in widths) + "+"
    return "\n".join([rule, line(names), rule, *map(line, cells), rule])


def text(value):
    shown = "NULL" if value is None else str(value)
    return shown if len(shown) <= WIDEST else shown[: WIDEST - 1] + "…"


def report(name, value):
    print(f"{name:<11} {value}")


def peak_memory():
    """Megabytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3


def last_query(log):
    """What the driver logged of the query that finished last."""
    try:
        with open(log, encoding="utf-8", errors="replace") as lines:
            finished = [line for line in lines if "query finished" in line]
    except OSError:
        return {}
    if not finished:
        return {}
    fields = (word.split("=", 1) for word in finished[-1].split() if "=" in word)
    return {name: value.strip('"') for name, value in fields}


class Progress:
    """One line on standard error that says how far things are; at a terminal it is written over."""

    def __enter__(self):
        self.terminal = sys.stderr.isatty()
        self.pause = 0.2 if self.terminal else 5
        self.next = time.monotonic() + self.pause
        return self

    def report(self, what):
        if time.monotonic() < self.next:
            return
        self.next = time.monotonic() + self.pause
        print(("\r" if self.terminal else "") + what, end="" if self.terminal else "\n",
              file=sys.stderr, flush=True)

    def __exit__(self, *_):
        if self.terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        main()
    except pyodbc.Error as error:
        sys.exit(f"{error.args[0]}: {error.args[1] if len(error.args) > 1 else ''}")
