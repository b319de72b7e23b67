"""
What Babel says about dates, numbers and lists, for the web client's tests to agree with.

`python tests/classroom/i18n/cldr_cases.py` writes tests/web_client/fixtures/cldr.json: the tables
that browsers get, and what Babel makes of the same values. test_cldr.py fails when the file is stale.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from classroom.i18n import LANGUAGES
from classroom.i18n.cldr import CLDR_NAMES, tables

FIXTURE = Path(__file__).parents[2] / "web_client" / "fixtures" / "cldr.json"

# A leap day, the ends of a year, single digits, both halves of the day, and clocks that change.
MOMENTS = (
    "2026-11-22T08:05:09+00:00",
    "2024-02-29T21:59:59+00:00",
    "2025-12-31T18:00:00+00:00",
    "2026-01-01T00:00:00+00:00",
    "2026-03-29T01:30:00+00:00",
    "1999-07-04T12:34:56+00:00",
)
ZONES = ("Asia/Bishkek", "UTC", "Europe/Berlin", "America/St_Johns")
SKELETONS = {"month": "yMMMM", "day": "MMMMd", "day_short": "MMMd", "weekday": "MMMEd"}
# No ties: Babel rounds them to even, browsers and people away from zero.
NUMBERS = (0, 1, 5, 999, 1000, 12345, 1234567.891, -1, -1234.5, 0.5, 0.0626, 1e9)
# CLDR has no opinion on when days become weeks; these are far from the borders.
DISTANCES = (60, 120, 300, 3600, 7200, 18000, 86400, 2 * 86400, 5 * 86400, 14 * 86400, 21 * 86400)
COUNTS = (0, 1, 2, 3, 4, 5, 10, 11, 12, 14, 20, 21, 22, 25, 100, 101, 111, 112, 1.5, 0.1, 1000001)


def cases(language: str) -> dict[str, Any]:
    """Return the values and Babel's answers for one language."""
    name = CLDR_NAMES[language]
    locale = Locale.parse(name)
    return {
        "dates": [
            [_ms(moment), zone, style, _date(moment, zone, style, name)]
            for moment in MOMENTS
            for zone in ZONES
            for style in ("full", "long", "medium", "short", *SKELETONS)
        ],
        "times": [
            [_ms(moment), zone, width, format_time(_at(moment, zone), width, locale=name)]
            for moment in MOMENTS
            for zone in ZONES
            for width in ("short", "medium")
        ],
        "offsets": [
            [_ms(moment), zone, int(_offset(_at(moment, zone)).total_seconds() // 60)]
            for moment in MOMENTS
            for zone in ZONES
        ],
        "numbers": [[number, format_decimal(number, locale=name)] for number in NUMBERS],
        "percents": [[share, format_percent(share, locale=name)] for share in (0, 0.01, 0.5, 1, 12.34)],
        "relative": [
            [
                seconds,
                format_timedelta(timedelta(seconds=seconds), add_direction=True, threshold=1, locale=name),
            ]
            for distance in DISTANCES
            for seconds in (distance, -distance)
        ],
        "lists": [
            [items, format_list(items, locale=name)]
            for items in (["А"], ["А", "B"], ["А", "B", "Ө"], list("абвг"))
        ],
        "plurals": [[count, locale.plural_form(count)] for count in COUNTS],
    }


def _at(moment: str, zone: str) -> datetime:
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(zone))


def _ms(moment: str) -> int:
    return int(datetime.fromisoformat(moment).astimezone(UTC).timestamp() * 1000)


def _offset(at: datetime) -> timedelta:
    offset = at.utcoffset()
    assert offset is not None
    return offset


def _date(moment: str, zone: str, style: str, name: str) -> str:
    at = _at(moment, zone)
    if style in SKELETONS:
        return format_skeleton(SKELETONS[style], at, locale=name)
    return format_date(at, style, locale=name)


def content() -> str:
    """Return the text of the fixture."""
    everything = {
        language: {"tables": tables(language) | {"messages": {}}, "cases": cases(language)}
        for language in LANGUAGES
    }
    return json.dumps(everything, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    FIXTURE.write_text(content(), encoding="utf-8")
