"""Outputs of eval tools in the shape that each of them writes, small and with known answers."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

Record = dict[str, Any]

TEXTS = {"s1": "I lost my card", "s2": "My transfer is pending", "s3": "How do I top up?"}
TARGETS = {"s1": "lost_card", "s2": "pending_transfer", "s3": "top_up"}
ANSWERS = {"s1": "lost_card", "s2": "card_arrival", "s3": "top_up"}
CHOICES = ["lost_card", "pending_transfer", "card_arrival", "top_up"]
# s2 is wrong, the others are right
RIGHT = {"s1": True, "s2": False, "s3": True}


def write_json(path: Path, document: Any, *, indent: int | None = 1) -> Path:
    path.write_text(json.dumps(document, indent=indent, ensure_ascii=False), encoding="utf-8")
    return path


def write_lines(path: Path, records: Sequence[Any]) -> Path:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path


def write_zip(path: Path, parts: Mapping[str, Any], *, method: int = 93) -> Path:
    """A zip whose members are packed with Zstandard (93), which Python 3.11's zipfile cannot write, or stored (0)."""
    body, directory = b"", b""
    for name, value in parts.items():
        content = json.dumps(value).encode()
        packed = pa.compress(content, codec="zstd", asbytes=True) if method == 93 else content
        sizes = struct.pack("<LLL", zlib.crc32(content), len(packed), len(content))
        directory += b"PK\x01\x02" + struct.pack("<HHHHHH", 63, 63, 0, method, 0, 33) + sizes
        directory += struct.pack("<HHHHHLL", len(name), 0, 0, 0, 0, 0, len(body)) + name.encode()
        body += b"PK\x03\x04" + struct.pack("<HHHHH", 63, 0, method, 0, 33) + sizes
        body += struct.pack("<HH", len(name), 0) + name.encode() + packed
    end = struct.pack("<HHHHLLH", 0, 0, len(parts), len(parts), len(directory), len(body), 0)
    path.write_bytes(body + directory + b"PK\x05\x06" + end)
    return path


def lm_generated(name: str, *, filter: str = "none", answer: str | None = None, **more: Any) -> Record:
    """One line of generate_until; the metric is exact_match."""
    said = ANSWERS[name] if answer is None else answer
    return {
        "doc_id": int(name[1:]) - 1,
        "doc": {"id": name, "text": TEXTS[name], "choices": CHOICES, "label": CHOICES.index(TARGETS[name])},
        "target": TARGETS[name],
        "arguments": {"gen_args_0": {"arg_0": f"{TEXTS[name]}\nIntent:", "arg_1": {"until": ["\n"]}}},
        "resps": [[f"It is {said}"]],
        "filtered_resps": [said],
        "filter": filter,
        "metrics": ["exact_match"],
        "doc_hash": f"hash of {name}",
        "exact_match": float(said == TARGETS[name]),
        **more,
    }


def lm_choice(name: str, log_probs: Sequence[float], **more: Any) -> Record:
    """One line of multiple choice: log-probs as text, the target as the index, as text."""
    pairs = [[str(value), "False"] for value in log_probs]
    right = float(CHOICES[log_probs.index(max(log_probs))] == TARGETS[name])
    asked = {f"gen_args_{i}": {"arg_0": TEXTS[name], "arg_1": f" {choice}"} for i, choice in enumerate(CHOICES)}
    return {
        **lm_generated(name),
        "target": str(CHOICES.index(TARGETS[name])),
        "arguments": asked,
        "resps": [[pair] for pair in pairs],
        "filtered_resps": pairs,
        "metrics": ["acc"],
        "acc": right,
        **more,
    }


def inspect_sample(name: str, *, epoch: int = 1, answer: str | None = None, **more: Any) -> Record:
    said = ANSWERS[name] if answer is None else answer
    return {
        "id": name,
        "epoch": epoch,
        "input": TEXTS[name],
        "target": TARGETS[name],
        "output": {"choices": [{"message": {"role": "assistant", "content": said}}], "completion": said},
        "scores": {"match": {"value": "C" if said == TARGETS[name] else "I", "answer": said}},
        "metadata": {"slice": "cards"},
        "uuid": f"uuid {name} {epoch}",
        **more,
    }


def inspect_failed(name: str, **more: Any) -> Record:
    return inspect_sample(name, scores={}, output={"choices": [], "completion": ""}, error={"message": "boom"}) | more


def inspect_log(samples: Sequence[Record], *, status: str = "success") -> Record:
    dataset = {"name": "intents", "samples": len(TEXTS), "sample_ids": list(TEXTS)}
    return {"version": 2, "status": status, "eval": {"task": "intents", "dataset": dataset}, "samples": list(samples)}


def inspect_parts(samples: Sequence[Record], *, status: str = "success") -> Record:
    """The members of an `.eval`: a summary holds no output."""
    header = {key: value for key, value in inspect_log(samples, status=status).items() if key != "samples"}
    parts: Record = {"_journal/start.json": {"eval": header["eval"]}}
    summaries = [{key: value for key, value in sample.items() if key != "output"} for sample in samples]
    for number, (sample, summary) in enumerate(zip(samples, summaries, strict=True), start=1):
        parts[f"samples/{sample['id']}_epoch_{sample['epoch']}.json"] = sample
        parts[f"_journal/summaries/{number}.json"] = [summary]
    return {**parts, "summaries.json": summaries, "header.json": header}


def promptfoo_row(name: str, *, test: int | None = None, provider: str = "echo", place: int = 0, **more: Any) -> Record:
    right = RIGHT[name]
    asserted = {"type": "equals", "value": TARGETS[name], "metric": "accuracy"}
    part = {"pass": right, "score": int(right), "assertion": asserted}
    row = {
        "gradingResult": {"pass": right, "score": int(right), "componentResults": [part]},
        "id": f"row {name} {provider} {test}",
        "namedScores": {"accuracy": int(right)},
        "prompt": {"raw": f"Intent of: {TEXTS[name]}", "label": "Intent of: {{utterance}}"},
        "promptIdx": place,
        "provider": {"id": provider, "label": ""},
        "response": {"output": ANSWERS[name]},
        "score": int(right),
        "success": right,
        "testCase": {"vars": {}, "metadata": {"slice": "cards"}, "assert": [asserted]},
        "testIdx": int(name[1:]) - 1 if test is None else test,
        "vars": {"utterance": TEXTS[name], "ticket": name},
        "metadata": {"slice": "cards"},
        "failureReason": 0 if right else 1,
    }
    return row | ({} if right else {"error": "Expected output to equal"}) | more


def promptfoo_results(rows: Sequence[Record]) -> Record:
    return {"evalId": "eval-1", "results": {"version": 3, "prompts": [], "results": list(rows), "stats": {}}}


def deepeval_case(name: str, *metrics: Record, **more: Any) -> Record:
    own = metrics or ({"name": "Exact Match", "success": RIGHT[name], "score": float(RIGHT[name])},)
    return {
        "name": name,
        "input": TEXTS[name],
        "actualOutput": ANSWERS[name],
        "expectedOutput": TARGETS[name],
        "success": all(metric.get("success") for metric in own),
        "metricsData": list(own),
        **more,
    }


def deepeval_run(cases: Sequence[Record]) -> Record:
    return {"testCases": list(cases), "conversationalTestCases": [], "metricsScores": [], "testPassed": 1}


def phoenix_run(name: str, *, repetition: int = 1, **more: Any) -> Record:
    note = {"name": "exact", "label": None, "score": float(RIGHT[name]), "error": None}
    return {
        "example_id": f"RGF0YXNldEV4YW1wbGU6{name}",
        "repetition_number": repetition,
        "input": {"question": TEXTS[name], "ticket": name},
        "reference_output": {"intent": TARGETS[name]},
        "output": ANSWERS[name],
        "error": None,
        "annotations": [note],
        **more,
    }


def openai_events(name: str, *, run: str = "run1") -> list[Record]:
    prompt = [{"role": "system", "content": "Name the intent."}, {"role": "user", "content": TEXTS[name]}]
    match = {"correct": RIGHT[name], "expected": TARGETS[name], "picked": ANSWERS[name] if RIGHT[name] else None}
    events: list[tuple[str, Record]] = [
        ("sampling", {"prompt": prompt, "sampled": [ANSWERS[name]]}),
        ("match", match),
    ]
    return [
        {"run_id": run, "event_id": 0, "sample_id": f"intents.dev.{name}", "type": kind, "data": data}
        for kind, data in events
    ]


def openai_log(events: Sequence[Record]) -> list[Record]:
    spec = {"spec": {"run_id": "run1", "eval_name": "intents.dev.v0", "base_eval": "intents"}}
    return [spec, *events, {"final_report": {"accuracy": 2 / 3}}]
