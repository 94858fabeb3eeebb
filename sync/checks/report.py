"""Findings made into sentences, and the verdict on one file as `check` and the service tell it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync.checks.catalogue import wording
from sync.checks.judging import Judgement
from sync.intake.reading import Reading
from sync.plan import Plan


def file_verdict(file: str, reading: Reading, judgement: Judgement, at: int, plan: Plan | None) -> dict[str, Any]:
    """The verdict on the reading at position `at` of `judgement`, in the shape of `check --json`."""
    receipt = judgement.receipts.iloc[at]
    findings = judgement.findings[judgement.findings["receipt"] == at]
    return {
        "file": file,
        "school": reading.school,
        "period": reading.period,
        "accepted": bool(receipt["status"] == "accepted"),
        "rows": {name: int(receipt[f"rows_{name}"]) for name in ("read", "accepted", "rejected", "blank")},
        "findings": [sentence(finding, plan) for finding in findings.to_dict("records")],
    }


def sentence(finding: Mapping[Any, Any], plan: Plan | None) -> dict[str, Any]:
    """One finding with its message and its fix, in the language in use."""
    message, fix = wording(finding["code"], finding["params"], plan)
    told = {key: finding[key] for key in ("code", "severity", "sheet", "cell", "value")}
    return {**told, "message": message, "fix": fix}
