"""What a process forked by `tests.warm` has imported already, and the app through which Airflow's tasks reach it."""

# ruff: noqa: E402, F401  (to import them is all that is wanted, and quietly)
from __future__ import annotations

import gc
import logging

logging.disable(logging.WARNING)

import airflow.__main__
import airflow.api_fastapi.execution_api.app
import airflow.cli.commands.dag_command
import airflow.dag_processing.dagbag
import airflow.sdk.execution_time.task_runner
import great_expectations
import pytest
import uvloop
from airflow.sdk.execution_time.supervisor import in_process_api_server
from starlette.testclient import TestClient

import hotline_bridge.cli.main
import hotline_bridge.tasks.inbound
import hotline_bridge.tasks.outbound
import hotline_bridge.tasks.quality
import hotline_bridge.tasks.reconcile
import tests.fixtures

TestClient(in_process_api_server().app).get("/health")  # the first request builds all routes, for five seconds
logging.disable(logging.NOTSET)
gc.freeze()  # no collection in a fork looks through all this, which would copy its memory
