"""`/health` for load balancers and `/metrics` for Prometheus.

`/health` answers 200 while a worker is ready, else 503. Both contain only numbers: no typed text
and no visitor's address.
"""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seq2seq import __version__
from seq2seq.jobs.logs import num_logged
from seq2seq.ui.lab import Lab

ENDINGS = ("done", "stopped", "failed")
# Metric -> its key in `Runs.counts`, and its description.
COUNTERS = {
    "runs_started": ("started", "training runs started"),
    "runs_continued": ("continued", "training runs continued after a stop or a restart"),
    "runs_refused": ("refused", "training runs refused because the server was full"),
    "workers_lost": ("lost workers", "workers that ended unexpectedly"),
    "runs_faults": ("faults", "training runs that failed because of a bug in this program"),
    "runs_unkept": ("unkept", "failed attempts to save a run on disk"),
}


class LabCollector:
    """Collects the metrics from the lab whenever Prometheus requests them."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    def collect(self) -> Iterator[Metric]:
        """All metrics of the lab."""
        runs, census = self.lab.runs, self.lab.runs.census()
        for name, (key, words) in COUNTERS.items():
            yield CounterMetricFamily(f"seq2seq_{name}", words, runs.counts[key])
        ended = CounterMetricFamily("seq2seq_runs_ended", "training runs ended, by status",
                                    labels=["status"])
        for status in ENDINGS:
            ended.add_metric([status], runs.counts[status])
        yield ended
        yield CounterMetricFamily("seq2seq_predictions", "answers computed",
                                  self.lab.num_predictions)
        logged = CounterMetricFamily("seq2seq_logged", "log lines, by level",
                                     labels=["level"])
        for level in ("warning", "error"):
            logged.add_metric([level], num_logged[level])
        yield logged
        active = census["waiting"] + census["running"]
        for name, words, value in (
            ("runs_active", "training runs waiting or running", active),
            ("runs_waiting", "training runs waiting to start", census["waiting"]),
            ("runs_kept_bytes", "bytes of weights kept for all runs", census["bytes"]),
            ("workers", "configured workers", runs.num_workers),
            ("workers_ready", "workers ready for training", runs.num_ready_workers),
        ):
            yield GaugeMetricFamily(f"seq2seq_{name}", words, value)


def health_routes(lab: Lab) -> list[Route]:
    """The routes `/health` and `/metrics`."""
    registry = CollectorRegistry()
    registry.register(LabCollector(lab))
    ProcessCollector(registry=registry)  # memory, CPU seconds and open files of this process

    async def health(request: Request) -> Response:
        ready = lab.runs.num_ready_workers
        facts = {"ok": ready > 0, "version": __version__, "active": lab.runs.num_active,
                 "workers": lab.runs.num_workers, "workers_ready": ready}
        return JSONResponse(facts, 200 if ready else 503, {"Cache-Control": "no-store"})

    async def metrics(request: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return [Route("/health", health), Route("/metrics", metrics)]
