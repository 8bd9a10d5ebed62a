"""F12: real worker processes, killed with -9 at every step of a delivery."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lti_tool.outbox.driver import FAILPOINTS, Driver
from tests.lti_tool.outbox.gradebook import Gradebook
from tests.lti_tool.outbox.history import (
    duplicates,
    lost,
    orders_for,
    regressions,
    run_with_failpoints,
    run_with_nemesis,
)
from tests.lti_tool.outbox.stage import open_school, stage_services

SEEDS = {"sqlite": range(24), "postgres": range(100, 108)}
pytestmark = pytest.mark.xdist_group("outbox_kills")


@pytest.fixture(scope="module")
def driver() -> Iterator[Driver]:
    with Driver() as running:
        yield running


def test_f12_nothing_is_lost_and_at_most_one_request_repeated_a_kill(database, server, driver):
    kills = 0
    with stage_services(database, server) as services:
        kind = "sqlite" if database.is_sqlite else "postgres"
        for seed in SEEDS[kind]:
            gradebook = Gradebook(server, f"/site{seed}")
            school = open_school(services, gradebook.url, gradebook=gradebook)
            acknowledged = run_with_failpoints(driver, orders_for(school, server), school, seed)
            assert lost(school, gradebook, acknowledged) == [], f"seed {seed}"
            assert regressions(gradebook, acknowledged) == [], f"seed {seed}"
            assert duplicates(gradebook) <= acknowledged.kills, f"seed {seed}"
            kills += acknowledged.kills
    assert kills > len(SEEDS[kind]), "the failpoints were reached"


@pytest.mark.parametrize("failpoint", FAILPOINTS)
def test_f12_every_failpoint_kills(sqlite_database, server, driver, failpoint):
    with stage_services(sqlite_database, server) as services:
        gradebook = Gradebook(server)
        school = open_school(services, gradebook.url, gradebook=gradebook)
        school.earns(40)
        orders = orders_for(school, server)
        assert driver.wait(driver.start(orders, failpoint=failpoint))
        sent = failpoint in {"after_send", "before_mark", "in_mark", "after_mark"}
        assert ("7" in gradebook.grades) == sent
        assert (school.row().state == "delivered") == (failpoint == "after_mark")
        assert not driver.wait(driver.start(orders, ahead=130))
        assert gradebook.grades["7"].score == 40
        assert school.row().state == "delivered"
        assert len(gradebook.posts) == 1 + (failpoint in {"after_send", "before_mark", "in_mark"})


@pytest.mark.parametrize("seed", [1, 2])
def test_f12_f14_two_workers_a_faulty_platform_and_random_kills(database, server, driver, seed):
    with stage_services(database, server) as services:
        gradebook = Gradebook(server)
        school = open_school(services, gradebook.url, gradebook=gradebook)
        orders = orders_for(school, server)
        acknowledged = run_with_nemesis(driver, orders, school, gradebook, seed)
        assert acknowledged.kills > 0
        assert len(gradebook.posts) > sum(map(len, acknowledged.scores.values())) / 10
        assert lost(school, gradebook, acknowledged) == []
        assert regressions(gradebook, acknowledged) == []
