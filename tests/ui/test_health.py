"""Health, metrics, and the network address that limits use."""

import json
from types import SimpleNamespace

import pytest
from jobs_for_tests import start
from waiting import ended, run_async, wait_until

from seq2seq.jobs.limits import Limits
from seq2seq.jobs.runs import Runs
from seq2seq.jobs.worker import ProcessWorker
from seq2seq.ui.http.client_address import address_of, visitor_address
from seq2seq.ui.http.health import health_routes
from seq2seq.ui.lab import Lab


class Missing(ProcessWorker):
    """A worker that never starts."""

    def start(self) -> None:
        self.far_end.close()


def answer(lab: Lab, path: str) -> tuple[int, bytes]:
    [route] = [route for route in health_routes(lab) if route.path == path]
    found = run_async(route.endpoint(None))
    return found.status_code, found.body


def test_a_server_is_well_while_a_worker_is_there():
    with Runs(start, limits=Limits(num_workers=1)) as runs:
        lab = Lab(runs)
        wait_until(lambda: runs.num_ready_workers == 1)
        ended(runs.submit("ada", ("count", 1)))
        code, body = answer(lab, "/health")
        assert code == 200
        told = json.loads(body)
        assert told.pop("version")
        assert told == {"ok": True, "active": 0, "workers": 1, "workers_ready": 1}
        assert b'seq2seq_runs_ended_total{status="done"} 1.0' in answer(lab, "/metrics")[1]


def test_a_server_without_workers_is_not_well():
    with Runs(start, limits=Limits(num_workers=1), make_worker=Missing) as runs:
        lab = Lab(runs)
        wait_until(lambda: runs.counts["lost workers"])
        code, body = answer(lab, "/health")
        assert code == 503
        assert json.loads(body)["ok"] is False


def request(host: str, forwarded: str | None = None) -> SimpleNamespace:
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    return SimpleNamespace(client=SimpleNamespace(host=host), headers=headers)


@pytest.mark.parametrize(("proxies", "forwarded", "found"), [
    (0, None, "192.0.2.9"), (0, "198.51.100.1", "192.0.2.9"),  # not believed unless asked to
    (1, "198.51.100.1", "198.51.100.1"), (1, "10.0.0.1, 198.51.100.1", "198.51.100.1"),
    (2, "10.0.0.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
    (2, "198.51.100.1", "192.0.2.9"), (1, "", "192.0.2.9"), (1, None, "192.0.2.9"),
    (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), (1, "x" * 500, "x" * 64),
])
def test_a_visitors_address_is_what_the_outermost_known_proxy_saw(proxies, forwarded, found):
    assert address_of(request("192.0.2.9", forwarded), proxies) == found


def test_outside_of_a_visit_there_is_no_address():
    assert visitor_address(0) == ""
    assert visitor_address(1) == ""
