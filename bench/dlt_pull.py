"""Run by an interpreter that has dlt: what one would write with it, over requests that are prepared.

    python -m bench.dlt_pull FILE FOLDER

A resource for each interface, windows of seven days one after another, merged on the key into PostgreSQL. Prints one
JSON object: seconds of the pipeline without `import dlt`, and the rows of each table afterwards. Nothing of the project
is imported; the local store is the one of AIRFLOW_CONN_LOCAL_DB.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"  # read on import; nothing reports to the internet, nor is it paid for

import dlt  # type: ignore[import-not-found]  # only in its own environment
import requests


def resource(interface: str, wanted: list[dict[str, Any]]) -> dlt.sources.DltResource:
    """The rows of all windows of an interface."""

    def rows() -> Iterator[list[dict[str, Any]]]:
        with requests.Session() as session:
            for request in wanted:
                answer = session.post(request["url"], data=request["body"], headers=request["headers"], timeout=30)
                answer.raise_for_status()
                yield answer.json()["data"]

    return dlt.resource(rows, name=interface, primary_key=wanted[0]["key"], write_disposition="merge")


def main() -> None:
    """Run the pipeline once and say what it took."""
    wanted = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    local = json.loads(os.environ["AIRFLOW_CONN_LOCAL_DB"])
    address = f"{quote(local['login'])}:{quote(local['password'])}@{local['host']}:{local['port']}/{local['schema']}"
    pipeline = dlt.pipeline(
        "bench",
        pipelines_dir=sys.argv[2],
        destination=dlt.destinations.postgres(f"postgresql://{address}"),
        dataset_name="dlt",
    )
    resources = [
        resource(name, list(group)) for name, group in groupby(wanted, key=lambda request: str(request["interface"]))
    ]
    began = time.perf_counter()
    pipeline.run(resources).raise_on_failed_jobs()
    seconds = time.perf_counter() - began
    counts = {}
    with pipeline.sql_client() as client:
        for found in resources:
            table = pipeline.default_schema.naming.normalize_identifier(found.name)
            counts[found.name] = client.execute_sql(f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608  (ours)
    sys.stdout.write(f"{json.dumps({'seconds': seconds, 'counts': counts})}\n")


if __name__ == "__main__":
    main()
