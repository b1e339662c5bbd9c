"""The creep page through app.py: empty, minimal, typical, and with a pair in the link that nobody has."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from driftcore import compare, ingest, log_eval, open_store
from driftcore.settings import bundled
from driftcore.testing import World, make_world, moved
from driftcore.workflows.cluster_events import cluster_events
from driftcore.workflows.corridor import make_corridor
from driftcore.workflows.creep import pair_name
from driftcore.workflows.share import keep_view, share_token

SECRET = "a secret of the test, long enough"
PAIR = ("concept 0", "concept 1")
Open = Callable[..., AppTest]


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Open:
    def opened(store: Path, **query: str) -> AppTest:
        monkeypatch.setenv("DRIFTLOOP_STORE", str(store))
        monkeypatch.setenv("DRIFTLOOP_SECRET", SECRET)
        app = AppTest.from_file(str(bundled("app.py")), default_timeout=180).switch_page("pages/creep.py")
        for key, value in query.items():
            app.query_params[key] = value
        return app.run()

    return opened


def stored(path: Path, world: World, share: float, labels: np.ndarray | None = None) -> Path:
    """Two checkpoints, evaluated and compared; the first concept goes `share` of the way to the second."""
    opened = open_store(path)
    names = world.labels if labels is None else labels
    texts = np.array([f"text {row} of *{label}* <b>" for row, label in enumerate(names)], dtype=object)
    for name, vectors in (("week 1", world.vectors), ("week 2", moved(world, 0, toward=1, share=share))):
        columns = {"id": world.sample_ids, "label": names, "text": texts, "embedding": vectors}
        ingest(opened, columns, checkpoint=name)
        log_eval(opened, {"id": world.sample_ids, "prediction": names}, checkpoint=name)
    compare(opened, "week 1", "week 2")
    return path


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compared, and nothing more."""
    world = make_world(n_concepts=6, n_per_concept=30, n_dims=16)
    return stored(tmp_path_factory.mktemp("compared") / "store.lance", world, 0.25)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compared, with the corridor of one pair and with clusters."""
    world = make_world(n_concepts=6, n_per_concept=30, n_dims=16)
    path = stored(tmp_path_factory.mktemp("measured") / "store.lance", world, 0.25)
    make_corridor(open_store(path), "week 1", PAIR)
    cluster_events(open_store(path), "week 1", "week 2")
    return path


def text_of(app: AppTest) -> str:
    """Everything that the page says in Markdown, without its backslashes."""
    return "\n".join(each.value for each in (*app.markdown, *app.caption, *app.subheader)).replace("\\", "")


def charts_of(app: AppTest) -> int:
    return len(app.get("plotly_chart"))


def labels_of(app: AppTest) -> set[str]:
    return {button.label for button in app.button}


def test_without_a_report_the_comparison_is_offered(open_page: Open, tmp_path: Path) -> None:
    world = make_world(n_concepts=3, n_per_concept=5)
    columns = {"id": world.sample_ids, "label": world.labels, "embedding": world.vectors}
    ingest(open_store(tmp_path / "store.lance"), columns, checkpoint="week 1")

    app = open_page(tmp_path / "store.lance")

    assert not app.exception
    assert "Compare them now" in labels_of(app)
    assert not charts_of(app)


def test_the_pair_that_closed_most_is_described_and_written_into_the_link(open_page: Open, compared: Path) -> None:
    app = open_page(compared, reference="week 1", current="week 2")

    assert not app.exception
    assert app.selectbox(key="pair").value == "concept 0 ↔ concept 1"
    assert app.query_params["pair"] == "concept 0 ↔ concept 1"
    # a quarter of the way toward a concept that stays
    assert "25 % [" in text_of(app)
    assert "orders itself" in text_of(app)


def test_what_is_not_computed_is_offered_and_not_computed(open_page: Open, compared: Path) -> None:
    app = open_page(compared, reference="week 1", current="week 2")

    assert {"Measure the corridor now", "Compare the clusters now"} <= labels_of(app)
    # the matrix and the distance
    assert charts_of(app) == 2
    assert open_store(compared).cluster_reports.all() == ()


def test_a_measured_pair_shows_its_corridor_its_samples_and_the_clusters(open_page: Open, measured: Path) -> None:
    app = open_page(measured, reference="week 1", current="week 2")

    assert not app.exception
    # matrix, distance, corridor, clusters
    assert charts_of(app) == 4
    assert "Measure the corridor now" not in labels_of(app)
    # 1 % of the way is the error of the alignment
    said = text_of(app)
    assert any(f"concept 0 stands {share} % of the way toward concept 1" in said for share in (24, 25, 26))
    assert "clustering the reference again shows" in said


def test_the_chosen_pair_stays_when_the_checkpoint_changes(open_page: Open, measured: Path) -> None:
    app = open_page(measured, reference="week 1", current="week 2", pair="concept 2 ↔ concept 3")
    app.selectbox(key="current").set_value("week 1").run()

    assert app.selectbox(key="pair").value == "concept 2 ↔ concept 3"


def test_two_concepts_are_enough_and_what_that_means_is_said(open_page: Open, tmp_path: Path) -> None:
    world = make_world(n_concepts=2, n_per_concept=30, n_dims=8)
    app = open_page(stored(tmp_path / "store.lance", world, 0.25), reference="week 1", current="week 2")

    assert not app.exception
    assert not app.error
    assert "With fewer than 4 concepts" in text_of(app)


def test_a_checkpoint_against_itself_has_closed_nothing(open_page: Open, compared: Path) -> None:
    compare(open_store(compared), "week 1", "week 1")
    app = open_page(compared, reference="week 1", current="week 1")

    assert not app.exception
    assert "0 % closer" in text_of(app)


def test_two_concepts_that_became_one_are_said_to_stand_in_one_place(open_page: Open, tmp_path: Path) -> None:
    path = stored(tmp_path / "store.lance", make_world(n_concepts=6, n_per_concept=30, n_dims=16), 1.0)
    make_corridor(open_store(path), "week 1", PAIR)

    app = open_page(path, reference="week 1", current="week 2", pair=pair_name(*PAIR))

    assert not app.exception
    assert any("the two concepts stand in one place" in box.value for box in app.info)
    assert not app.dataframe


def test_a_pair_in_the_link_that_nobody_has_is_said_and_another_one_shown(open_page: Open, compared: Path) -> None:
    app = open_page(compared, reference="week 1", current="week 2", pair="concept 0 ↔ *nobody*")

    assert not app.exception
    assert "names pair 'concept 0 ↔ \\*nobody\\*', which is not here" in app.warning[0].value
    assert app.selectbox(key="pair").value == "concept 0 ↔ concept 1"


def test_concepts_may_be_called_anything(open_page: Open, tmp_path: Path) -> None:
    world = make_world(n_concepts=6, n_per_concept=30, n_dims=16)
    names = np.array(["a ↔ b", "<script>c", "b ↔ <script>c", "a", "*d*", "e&f"], dtype=object)
    path = stored(tmp_path / "store.lance", world, 0.25, names[world.concepts])
    pair = pair_name("a", "b ↔ <script>c")

    app = open_page(path, reference="week 1", current="week 2", pair=pair)

    assert not app.exception
    assert app.selectbox(key="pair").value == pair
    assert not [each.value for each in app.markdown if "<script>" in each.value]


def test_of_many_concepts_a_part_is_shown_that_is_declared_and_a_link_to_another_pair_still_opens(
    open_page: Open, tmp_path: Path
) -> None:
    world = make_world(n_concepts=44, n_per_concept=6, n_dims=16)
    path = stored(tmp_path / "store.lance", world, 0.5)
    gaps = open_store(path).reports.gap_closures(open_store(path).reports.all()[0].report_id)
    app = open_page(path, reference="week 1", current="week 2")

    assert not app.exception
    found = re.search(r"The (\d+) of 44 concepts with the strongest closures are shown", text_of(app))
    assert found is not None
    assert int(found[1]) <= 40
    options = set(app.selectbox(key="pair").options)
    others = [pair_name(a, b) for a in gaps.concepts for b in gaps.concepts if a < b]
    hidden = next(name for name in others if not any(option.startswith(f"{name}:") for option in options))
    again = open_page(path, reference="week 1", current="week 2", pair=hidden)
    assert not again.warning
    assert again.selectbox(key="pair").value == hidden


def guest_link(store: Path, *, pair: str) -> str:
    choices = {"reference": ["week 1"], "current": ["week 2"], "pair": [pair]}
    view = keep_view(open_store(store), "creep", choices)
    return share_token(view.view_id, SECRET, until=datetime.now(UTC) + timedelta(days=1))


def test_a_guest_sees_the_shared_pair_and_cannot_choose_another(open_page: Open, measured: Path) -> None:
    token = guest_link(measured, pair="concept 0 ↔ concept 1")
    app = open_page(measured, share=token, pair="concept 2 ↔ concept 3")

    assert not app.exception
    assert [title.value for title in app.title] == ["Creep"]
    assert all(box.disabled for box in app.selectbox)
    assert app.selectbox(key="pair-shared").value == "concept 0 ↔ concept 1"
    assert charts_of(app) == 4
    assert not labels_of(app) & {"Select them on the map", "Measure the corridor now", "Compare the clusters now"}
    # what a click on the matrix would set
    app.session_state["pair"] = "concept 2 ↔ concept 3"
    app.run()
    assert app.selectbox(key="pair-shared").value == "concept 0 ↔ concept 1"


def test_a_guest_of_a_pair_that_is_gone_is_told_so_and_sees_no_other(open_page: Open, measured: Path) -> None:
    app = open_page(measured, share=guest_link(measured, pair="concept 0 ↔ nobody"))

    assert "which is not here any more" in app.error[0].value.replace("\\", "")
    assert not charts_of(app)


def test_a_guest_of_another_page_reads_no_corridor(open_page: Open, measured: Path) -> None:
    view = keep_view(open_store(measured), "overview", {"reference": ["week 1"], "current": ["week 2"]})
    token = share_token(view.view_id, SECRET, until=datetime.now(UTC) + timedelta(days=1))

    assert [title.value for title in open_page(measured, share=token).title] == ["Overview"]
