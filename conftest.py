"""The fixtures of both suites, of `tests/` and of `sandbox/tests/`."""

pytest_plugins = ["tests.fixtures"]
