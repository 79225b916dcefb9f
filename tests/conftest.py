"""What all tests share: hypothesis profiles, and the flag by which CI lets nothing be skipped."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# Drawing a payload from the schema is slow at first; no test may fail for being slow.
settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("ci", settings.get_profile("local"), max_examples=300, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="let a skipped test fail the run")
    parser.addoption("--not-run", metavar="WHAT", help="what was left out around this run, for its summary to say")


@pytest.hookimpl(trylast=True)  # below the table of what is covered
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped and config.getoption("--no-skips"):
        for report in skipped:
            terminalreporter.write_line(f"skipped, and --no-skips was given: {report.nodeid} {report.longrepr}")
    if not_run := config.getoption("--not-run"):
        terminalreporter.write_line(f"not run: {not_run}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--no-skips") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
