"""Pytest options shared by all tests: which tests run, how many examples Hypothesis draws, and what CI does not allow.

By default, tests marked `slow` are deselected and Hypothesis draws few examples: the whole run takes about two minutes.
`pytest --all` runs every test with many examples, as `.ci/run` does.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# Drawing the first payload from a schema is slow, and a loaded machine is too: no test fails for being slow.
settings.register_profile(
    "local", max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("ci", settings.get_profile("local"), max_examples=300, derandomize=True)

_DESELECTED = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help="run the slow tests too, and draw many examples")
    parser.addoption("--no-skips", action="store_true", help="fail the run if a test is skipped or deselected")
    parser.addoption("--not-run", metavar="WHAT", help="what the caller left out, to be named in the summary")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_DESELECTED] = 0
    # Before the test modules are imported: their own @settings are based on the profile of that moment.
    settings.load_profile(config.getoption("--hypothesis-profile") or ("ci" if config.getoption("--all") else "local"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--all"):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in set(slow)]


# pytest-xdist does not pass the number of deselected tests from its workers to the summary.


def pytest_deselected(items: list[pytest.Item]) -> None:
    if items:
        items[0].config.stash[_DESELECTED] += len(items)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    # Every worker collects, and deselects, all tests.
    config: pytest.Config = node.config
    config.stash[_DESELECTED] = max(config.stash[_DESELECTED], getattr(node, "workeroutput", {}).get("deselected", 0))


@pytest.hookimpl(trylast=True)  # below the table of what is covered
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    deselected = config.stash[_DESELECTED]
    terminalreporter.stats["deselected"] = [None] * deselected
    if deselected and not config.getoption("--all"):
        terminalreporter.write_line("--all runs the slow tests too, and draws more examples")
    if config.getoption("--no-skips"):
        if deselected:
            terminalreporter.write_line(f"{deselected} deselected, and --no-skips was given")
        for report in terminalreporter.stats.get("skipped", []):
            terminalreporter.write_line(f"skipped, and --no-skips was given: {report.nodeid} {report.longrepr}")
    if not_run := config.getoption("--not-run"):
        terminalreporter.write_line(f"not run: {not_run}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput["deselected"] = config.stash[_DESELECTED]
        return
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped") if reporter else None
    if config.getoption("--no-skips") and (skipped or config.stash[_DESELECTED]):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
