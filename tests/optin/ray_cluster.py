"""The same report from a Ray cluster, a head and two workers on this machine: `make test-ray`, two minutes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import ray

from driftcore import compare, ingest, log_eval, open_store
from driftcore.engine import Engine, LocalEngine, RayEngine, choose_engine
from driftcore.errors import NotFoundError
from driftcore.records import DriftReport, to_json
from driftcore.store import Store, open_place
from driftcore.testing import jittered, make_world, moved, rotated
from driftcore.workflows._moved_step import moved_step, own_clusters
from driftcore.workflows._reference_step import reference_step
from driftcore.workflows.progress import Progress, silent

RAY = Path(sys.executable).parent / "ray"
DRIFTLOOP = Path(sys.executable).parent / "driftloop"
WORLD = make_world(n_concepts=20, n_per_concept=10_000, n_dims=48)
PATIENCE_S = 120
ENVIRONMENT = {**os.environ, "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0", "RAY_DISABLE_IMPORT_WARNING": "1"}


class Cluster:
    """A head that computes nothing and workers of one core, each a process group of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.client_port = free_port(), free_port()
        self.nodes: list[subprocess.Popen[bytes]] = []
        head = f"--head --port={self.port} --ray-client-server-port={self.client_port} --num-cpus=0"
        self._start(*head.split(), "--include-dashboard=false")
        self.workers = [self.add_worker() for _ in range(2)]

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def add_worker(self) -> subprocess.Popen[bytes]:
        return self._start(f"--address={self.address}", "--num-cpus=1")

    def stop(self) -> None:
        for node in self.nodes:
            kill(node)

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [str(RAY), "start", "--node-ip-address=127.0.0.1", "--disable-usage-stats", "--block", *arguments]
        said = self.folder / f"{len(self.nodes)}.log"
        with said.open("wb") as log:
            node = subprocess.Popen(command, start_new_session=True, stdout=log, stderr=log, env=ENVIRONMENT)
        self.nodes.append(node)
        # one after the other: two that start on one machine at a time may take each other's ports
        until = time.monotonic() + PATIENCE_S
        while b"Ray runtime started" not in said.read_bytes():
            assert node.poll() is None and time.monotonic() < until, said.read_text()
            time.sleep(0.2)
        return node


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def kill(node: subprocess.Popen[bytes]) -> None:
    """A machine that is switched off: everything on it is gone at once."""
    if node.poll() is None:
        os.killpg(node.pid, signal.SIGKILL)
        node.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    started = Cluster(tmp_path_factory.mktemp("cluster"))
    yield started
    ray.shutdown()
    started.stop()


@pytest.fixture(scope="module")
def engine(cluster: Cluster) -> RayEngine:
    joined = RayEngine(cluster.address)
    wait_for_cores(2)
    return joined


def wait_for_cores(n: int) -> None:
    until = time.monotonic() + PATIENCE_S
    while ray.cluster_resources().get("CPU", 0) != n:
        assert time.monotonic() < until, f"no {n} cores: {ray.cluster_resources()}"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """200,000 samples of 20 concepts at two checkpoints; one concept goes to another, and the rows are shuffled."""
    opened = open_store(tmp_path_factory.mktemp("ray") / "store")
    order = np.random.default_rng(0).permutation(len(WORLD.vectors))
    later = rotated(jittered(moved(WORLD, 3, toward=7, share=0.3), scale=0.02, seed=1), seed=1)
    for name, vectors, rows in (("a", WORLD.vectors, np.arange(len(order))), ("b", later, order)):
        columns = {"id": WORLD.sample_ids[rows], "label": WORLD.labels[rows], "embedding": vectors[rows]}
        ingest(opened, columns, checkpoint=name)
        log_eval(opened, {"id": WORLD.sample_ids, "prediction": WORLD.labels}, checkpoint=name)
    return opened


@pytest.fixture(scope="module")
def expected(store: Store) -> str:
    return printed(fresh(store, engine=LocalEngine()))


def fresh(store: Store, *, engine: Engine, progress: Progress = silent) -> DriftReport:
    """Computed, and not read back."""
    store.reports.discard("b")
    return compare(store, "a", "b", engine=engine, progress=progress)


def printed(report: DriftReport) -> str:
    """Every digit, but for how long it took and where."""
    said = to_json(report)
    provenance = {name: said["provenance"][name] for name in ("versions", "seed")}
    return json.dumps({**said, "provenance": provenance}, sort_keys=True)


def test_the_report_is_the_local_one_to_the_last_digit(store: Store, engine: RayEngine, expected: str) -> None:
    report = fresh(store, engine=engine)
    assert printed(report) == expected
    assert report.provenance.engine == "ray"
    assert report.concepts[0].concept == "concept 3"


def test_the_driver_never_holds_the_vectors(store: Store, engine: RayEngine) -> None:
    """What comes back is a sum: of 200,000 × 48 × 4 bytes a side, next to nothing passes through the driver."""
    sizes: list[int] = []
    place = store.place

    def read(rows: range) -> np.ndarray:
        return open_place(place).snapshots.reader("a", "validation").at(np.array(rows))

    def tally(vectors: np.ndarray) -> np.ndarray:
        return vectors.sum(axis=0, dtype=np.float64)

    parts = [range(start, start + 20_000) for start in range(0, 200_000, 20_000)]
    total = engine.total(read, tally, parts, told=lambda done, n: sizes.append(done))
    assert total.nbytes == 48 * 8
    assert sizes[-1] == len(parts)
    np.testing.assert_allclose(total, WORLD.vectors.sum(axis=0, dtype=np.float64), rtol=1e-9)


def test_a_worker_that_is_killed_changes_nothing_but_time(
    store: Store, cluster: Cluster, engine: RayEngine, expected: str
) -> None:
    victim = cluster.workers[0]

    def progress(what: str, done: float) -> None:
        # the first parts are tallied: what the victim has of them goes with it
        if "where concepts stand" in what and done > 0.1:
            kill(victim)

    report = fresh(store, engine=engine, progress=progress)
    assert victim.poll() is not None
    assert printed(report) == expected
    cluster.add_worker()
    wait_for_cores(2)


def test_a_killed_task_process_is_run_again(store: Store, engine: RayEngine, expected: str, tmp_path: Path) -> None:
    """One that dies in the middle of its part, as by the kernel when memory runs out."""
    already = tmp_path / "died"

    def read(part: int) -> int:
        if part == 3 and not already.exists():
            already.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return part

    assert engine.total(read, int, list(range(10)), told=lambda done, n: None) == sum(range(10))
    assert already.exists()


def test_what_a_worker_cannot_find_is_said_as_here(engine: RayEngine, tmp_path: Path) -> None:
    def read(part: int) -> object:
        return open_store(tmp_path / "elsewhere", create=False)

    with pytest.raises(NotFoundError, match="No store at"):
        engine.total(read, int, [1, 2], told=lambda done, n: None)


def test_live_windows_too(store: Store, engine: RayEngine) -> None:
    """Two weeks of other samples each: what is said of them comes from the cluster with the same digits."""
    weeks = make_world(n_concepts=20, n_per_concept=2_500, n_dims=48, seed=5)
    later = moved(weeks, 3, toward=7, share=0.4)
    for name, vectors in (("week 1", weeks.vectors), ("week 2", later)):
        ids = [f"{name}, {row}" for row in range(len(vectors))]
        ingest(store, {"id": ids, "label": weeks.labels, "embedding": vectors}, checkpoint="a", split=name)
    reports = []
    for where in (LocalEngine(), engine):
        store.reports.discard("a")
        reports.append(compare(store, "a", "a", reference_split="week 1", split="week 2", engine=where))
    assert printed(reports[0]) == printed(reports[1])
    assert [report.provenance.engine for report in reports] == ["local", "ray"]
    assert reports[1].concepts[0].concept == "concept 3"


def test_frames_too(store: Store, cluster: Cluster, engine: RayEngine) -> None:
    """The rest of the reference is placed, and the movement drawn, where Ray has cores: not a point is elsewhere."""
    sides = [store.snapshots.get(name, "validation") for name in ("a", "b")]
    drawn = []
    for name in ("local", cluster.address):
        choose_engine(name)
        try:
            base = reference_step(store, sides[0], seed=0)
            drawn.append((base, moved_step(store, *sides, base, seed=0), own_clusters(store, *sides, base, seed=0)))
        finally:
            choose_engine("local")
    (base, step, clusters), (other_base, other_step, other_clusters) = drawn
    assert base.n_fitted < base.n_reference == 200_000
    np.testing.assert_array_equal(base.points, other_base.points)
    np.testing.assert_array_equal(base.clusters, other_base.clusters)
    np.testing.assert_array_equal(step.points, other_step.points)
    np.testing.assert_array_equal(clusters, other_clusters)
    assert np.abs(step.centroids - base.centroids).sum(axis=1).argmax() == list(base.concepts).index("concept 3")


@pytest.mark.parametrize("way", ["head", "client"])
def test_the_command_joins_the_cluster(store: Store, cluster: Cluster, expected: str, way: str) -> None:
    store.reports.discard("b")
    place = cluster.address if way == "head" else f"ray://127.0.0.1:{cluster.client_port}"
    command = [str(DRIFTLOOP), "compare", "a", "b", "--store", store.uri, "--engine", place, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["provenance"]["engine"] == "ray"
    local = json.loads(expected)
    assert {name: said[name] for name in local if name != "provenance"} == {
        name: local[name] for name in local if name != "provenance"
    }
