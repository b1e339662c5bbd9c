"""A gate as JUnit XML: one test case a check, as every CI shows it."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from driftcore.records import Gate, GateCheck

# what XML 1.0 cannot hold, not even escaped
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(gate: Gate) -> bytes:
    """The gate as a JUnit file: ``<failure>`` for drift, ``<error>`` for what could not be evaluated.

    A concept too small to be judged is skipped. Of the drift report's notes the suite's output has each on a line.
    """
    suite = ET.Element("testsuite", name=_clean(f"driftloop check on {gate.split}"))
    for check in gate.checks:
        _case(suite, gate, check)
    if gate.status == "not_evaluated":
        case = ET.SubElement(suite, "testcase", classname=_class(gate), name="evaluated")
        ET.SubElement(case, "error", message=_clean(gate.sentence), type="not_evaluated")
    counts = {kind: str(len(suite.findall(f"testcase/{kind[:-1]}"))) for kind in ("failures", "errors")}
    skipped, tests = str(len(suite.findall("testcase/skipped"))), str(len(suite.findall("testcase")))
    suite.attrib |= {"tests": tests, **counts, "skipped": skipped, "time": "0"}
    suite.attrib["timestamp"] = gate.at.strftime("%Y-%m-%dT%H:%M:%S")
    ET.SubElement(suite, "system-out").text = _clean("\n".join([gate.sentence, *gate.notes]))
    root = ET.Element("testsuites", {"name": "driftloop", "tests": tests, **counts})
    root.append(suite)
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _case(suite: ET.Element, gate: Gate, check: GateCheck) -> None:
    case = ET.SubElement(suite, "testcase", classname=_class(gate), name=_clean(check.name))
    if check.failed:
        ET.SubElement(case, "failure", message=_clean(check.why), type=str(check.verdict)).text = _clean(check.why)
    elif check.verdict is None:
        ET.SubElement(case, "skipped", message=_clean(check.why))


def _class(gate: Gate) -> str:
    return _clean(f"driftloop.{gate.split}")


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
