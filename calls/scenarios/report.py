"""Results in words for a person, and as one document for a program. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from calls.scenarios.running import Result


def result_lines(result: Result) -> list[str]:
    """What did not pass, with the words that were said; nothing for a run that passed."""
    if result.passed:
        return []
    misheard = [
        f"    said {said!r}, was heard as {heard!r}"
        for said, heard in zip(result.said, result.heard, strict=False)
        if heard and letters(said) != letters(heard)
    ]
    return [
        f"✗ {result.scenario.path.name} run {result.run + 1}: {' | '.join(result.said)}",
        *misheard,
        *(f"    {failure}" for failure in result.failures),
        f"    look at it: script/manage call_show {result.calls[-1]}"
        if result.calls
        else "    no call was placed",
    ]


def summary_lines(results: Sequence[Result]) -> list[str]:
    """One line a file, and the total."""
    lines = []
    for path, group in groupby(sorted(results, key=_by_file), key=lambda one: one.scenario.path):
        mine = list(group)
        passed = sum(one.passed for one in mine)
        mark = "✓" if passed == len(mine) else "✗"
        lines.append(f"{mark} {passed:3} of {len(mine):3}  {path.name}: {mine[0].scenario.name}")
    passed = sum(one.passed for one in results)
    rate = f" ({100 * passed / len(results):.1f} %)" if results else ""
    return [*lines, f"{passed} of {len(results)} runs passed{rate}"]


def document(results: Sequence[Result], *, spoken: str) -> dict[str, Any]:
    """JSON-ready. ``spoken`` names the voice, or is empty for typed runs."""
    ordered = sorted(results, key=_by_file)
    return {
        "passed": sum(one.passed for one in results),
        "of": len(results),
        "spoken": spoken or None,
        "files": [
            {
                "path": str(path),
                "name": mine[0].scenario.name,
                "passed": sum(one.passed for one in mine),
                "of": len(mine),
                "runs": [
                    {
                        "run": one.run + 1,
                        "passed": one.passed,
                        "said": one.said,
                        "heard": one.heard,
                        "calls": one.calls,
                        "seconds": one.seconds,
                        "failures": [
                            {"where": failure.where, "expected": failure.expected, "actual": failure.actual}
                            for failure in one.failures
                        ],
                    }
                    for one in mine
                ],
            }
            for path, mine in (
                (path, list(group)) for path, group in groupby(ordered, key=lambda one: one.scenario.path)
            )
        ],
    }


def letters(text: str) -> str:
    """For telling words apart: letters and digits alone."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _by_file(result: Result) -> tuple[str, int]:
    return str(result.scenario.path), result.run
