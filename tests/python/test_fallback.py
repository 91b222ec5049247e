"""Results that come another way than the server first meant to send them."""

import json
from contextlib import closing

import pytest


def test_a_type_that_the_server_cannot_spool_comes_through_the_coordinator(lab):
    with closing(lab.connect()) as connection:
        cursor = connection.cursor()
        if not cursor.execute("SHOW FUNCTIONS LIKE 'bing\\_tile' ESCAPE '\\'").fetchall():
            pytest.skip("the server has no geospatial functions")
        for _ in range(2):
            rows = cursor.execute("SELECT bing_tile(1, 2, 3), orderkey FROM tpch.tiny.orders").fetchall()
            assert len(rows) == 15000
            assert len({row.orderkey for row in rows}) == 15000
            assert {row[0] for row in rows} == {rows[0][0]}
            assert json.loads(rows[0][0]) == {"x": 1, "y": 2, "zoom": 3}
