"""The gate: may this checkpoint pass? One answer for a person, a pipeline and a test."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import cast, get_args

from driftcore.errors import BadInputError, NotComparableError, WidthMismatchError, listed, one_line
from driftcore.records import ConceptDrift, DriftPolicy, DriftReport, Gate, GateCheck, GateStatus, Verdict
from driftcore.store import Store, open_store
from driftcore.workflows._sentence import named, percent
from driftcore.workflows.compare import compare
from driftcore.workflows.progress import Progress, silent
from driftcore.workflows.splits import last_with

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
FAIL_ON: tuple[Verdict, ...] = ("silent", "regression")
_CODES: dict[GateStatus, int] = {"passed": 0, "failed": 1, "not_evaluated": 3}


def check(
    store: Store,
    *,
    reference: str | None = None,
    current: str | None = None,
    split: str = "validation",
    fail_on: Sequence[str] = FAIL_ON,
    policy: DriftPolicy | None = None,
    progress: Progress = silent,
) -> Gate:
    """Whether a checkpoint may pass: it fails where the comparison, or one of its concepts, has a verdict of `fail_on`.

    What cannot be measured or judged does not pass: the status is then ``not_evaluated``.

    Parameters
    ----------
    store : Store
    reference : str, optional
        Left out, the store's own.
    current : str, optional
        Left out, the last checkpoint that has the split.
    split : str
    fail_on : sequence of str
        Verdicts that fail the gate. A concept too small to be judged has none, and does not count.
    policy : DriftPolicy, optional
        What counts as drift.
    progress : callable, optional
        Told how far a comparison is that was not kept yet.

    Raises
    ------
    BadInputError
        If `fail_on` is empty or names no verdict.
    NotFoundError
        If the store is empty, or a checkpoint or the split is not stored.
    """
    wanted = _verdicts(fail_on)
    before = reference if reference is not None else store.reference().checkpoint
    after = current if current is not None else last_with(store, split)
    if before == after:
        # a name that is not stored is bad input, also here
        store.snapshots.get(after, split)
        return _unevaluated(
            f"'{one_line(after)}' is the reference itself: nothing to compare.", before, after, split, wanted
        )
    try:
        report = compare(store, before, after, split=split, policy=policy, progress=progress)
    except (NotComparableError, WidthMismatchError) as error:
        return _unevaluated(str(error), before, after, split, wanted)
    return judged(report, fail_on=wanted)


def judged(report: DriftReport, *, fail_on: Sequence[str] = FAIL_ON) -> Gate:
    """The gate over a report that is there already.

    Raises
    ------
    BadInputError
        If `fail_on` is empty or names no verdict.
    """
    wanted = _verdicts(fail_on)
    checks = (_overall(report, wanted), *(_concept(concept, report, wanted) for concept in report.concepts))
    unjudged = all(concept.verdict is None for concept in report.concepts)
    # what happened to all concepts alike may fail the gate where no single one is large enough
    failed = any(each.failed for each in checks)
    status: GateStatus = "failed" if failed else "not_evaluated" if unjudged else "passed"
    return Gate(
        status=status,
        sentence=_sentence(report, checks, wanted, status),
        reference=report.reference,
        current=report.current,
        split=report.split,
        fail_on=wanted,
        checks=checks,
        report_id=report.report_id,
        at=datetime.now(UTC),
        notes=report.notes,
    )


def ending(gate: Gate) -> tuple[str, int]:
    """The last line that is printed, and the exit code: 0 passed, 1 failed, 3 could not be evaluated."""
    return f"{gate.status.replace('_', ' ')}: {one_line(gate.sentence, 2000)}", _CODES[gate.status]


def assert_no_drift(
    store: Store | str | Path,
    current: str | None = None,
    *,
    reference: str | None = None,
    split: str = "validation",
    fail_on: Sequence[str] = FAIL_ON,
    policy: DriftPolicy | None = None,
) -> Gate:
    """For a test: nothing where the checkpoint passes, an `AssertionError` that names what drifted where it does not.

    Parameters are those of `check`; `store` may be where one is.

    Raises
    ------
    AssertionError
        If the gate fails.
    NotComparableError
        If it could not be evaluated: a test that measured nothing must not be green.
    NotFoundError
        If there is no such store, checkpoint or split.
    """
    opened = store if isinstance(store, Store) else open_store(store, create=False)
    gate = check(opened, reference=reference, current=current, split=split, fail_on=fail_on, policy=policy)
    line, _ = ending(gate)
    if gate.status == "failed":
        raise AssertionError("\n".join([line, *(f"  {one_line(f.name, 200)}: {f.why}" for f in gate.failures)]))
    if gate.status == "not_evaluated":
        raise NotComparableError(line)
    return gate


def _verdicts(fail_on: Sequence[str]) -> tuple[Verdict, ...]:
    # one word instead of several would be taken apart into its letters
    names = (fail_on,) if isinstance(fail_on, str) else tuple(dict.fromkeys(fail_on))
    wrong = [name for name in names if name not in VERDICTS]
    if wrong or not names:
        said = f"'{one_line(wrong[0])}' is no verdict" if wrong else "A gate that fails on no verdict checks nothing"
        raise BadInputError(f"{said}. Known to --fail-on: {listed(VERDICTS)}.")
    return cast("tuple[Verdict, ...]", names)


def _unevaluated(why: str, reference: str, current: str, split: str, fail_on: tuple[Verdict, ...]) -> Gate:
    return Gate(
        status="not_evaluated",
        sentence=why,
        reference=reference,
        current=current,
        split=split,
        fail_on=fail_on,
        checks=(),
        report_id=None,
        at=datetime.now(UTC),
    )


def _overall(report: DriftReport, fail_on: tuple[Verdict, ...]) -> GateCheck:
    return GateCheck(
        concept=None,
        verdict=report.verdict,
        failed=report.verdict in fail_on,
        why=report.summary,
        n=report.n_samples,
        accuracy_reference=report.global_.accuracy_reference,
        accuracy_current=report.global_.accuracy_current,
    )


def _concept(concept: ConceptDrift, report: DriftReport, fail_on: tuple[Verdict, ...]) -> GateCheck:
    # where only a part moved, the verdict is about its samples: a concept's own accuracy would not explain it
    told = concept if concept.part is None else concept.part
    return GateCheck(
        concept=concept.concept,
        verdict=concept.verdict,
        failed=concept.verdict in fail_on,
        why=_why(concept, told.accuracy_reference, told.accuracy_current, report.policy),
        n=concept.n,
        displacement=concept.displacement,
        toward=concept.toward,
        accuracy_reference=told.accuracy_reference,
        accuracy_current=told.accuracy_current,
    )


def _why(concept: ConceptDrift, before: float | None, after: float | None, policy: DriftPolicy) -> str:
    """What was found about a concept, in one line."""
    if concept.verdict is None:
        return f"{concept.n} samples are too few to be judged: {policy.min_samples} are needed"
    toward = f" toward '{one_line(concept.toward)}'" if concept.toward is not None and concept.kind != "none" else ""
    of = "" if concept.part is None else f" by {concept.part.n} of {concept.n} samples"
    moved = f"moved {percent(concept.displacement)} of the mean gap{toward}{of}"
    eval_ = "accuracy unknown" if before is None or after is None else f"accuracy {percent(before)} → {percent(after)}"
    return f"{concept.verdict}: {moved}, {eval_}"


def _sentence(
    report: DriftReport, checks: tuple[GateCheck, ...], fail_on: tuple[Verdict, ...], status: GateStatus
) -> str:
    concepts = [each for each in checks if each.concept is not None]
    small = sum(each.verdict is None for each in concepts)
    besides = f" {small} too small to be judged." if small else ""
    sides = f"'{one_line(report.current)}' against '{one_line(report.reference)}' on {one_line(report.split)}"
    if status == "not_evaluated":
        return f"{sides}: none of {len(concepts)} concepts has the {report.policy.min_samples} samples to be judged."
    if status == "passed":
        return f"{sides}: {len(concepts) - small} concepts, none {' or '.join(fail_on)}.{besides}"
    failed = [each for each in concepts if each.failed]
    names = named([each.concept for each in failed if each.concept is not None])
    what = f"{len(failed)} of {len(concepts)} concepts: {names}" if failed else f"the whole is '{report.verdict}'"
    return f"{sides}: {what}. {report.summary}{besides}"
