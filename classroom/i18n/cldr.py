"""
Tables: what CLDR knows about a language, in the shape that static/js/i18n reads.

The shape is written down in static/js/i18n/types.d.ts. English is that of Europe (day first, 24 hours):
the readers are in Kyrgyzstan, and 11/12 must not mean two days.
"""

from collections.abc import Mapping
from typing import Any

from babel import Locale

from classroom.i18n.catalogues import PLURAL_FORMS

CLDR_NAMES: Mapping[str, str] = {"ky": "ky", "ru": "ru", "en": "en_GB"}

# Babel carries no alphabets, so they stand here, in the order of the CLDR collations. Letters of neighbours
# (Kazakh, Uzbek, Tajik, Ukrainian names) have their places too; the reader's own script comes first. ё is not
# listed, because it sorts as е with a mark.
_CYRILLIC = "аәбвгғґдеєжзиіїйкқлмнңоөпрстуұүфхҳһцчҷшщъыьэюя"
_LATIN = "abcdefghijklmnopqrstuvwxyz"
ALPHABETS: Mapping[str, str] = {
    "ky": _CYRILLIC + _LATIN,
    "ru": _CYRILLIC + _LATIN,
    "en": _LATIN + _CYRILLIC,
}

_SKELETONS = {"month": "yMMMM", "day": "MMMMd", "day_short": "MMMd", "weekday": "MMMEd"}
_RELATIVE_UNITS = ("year", "month", "week", "day", "hour", "minute")
_BYTE_UNITS = ("byte", "kilobyte", "megabyte", "gigabyte", "terabyte")


def tables(language: str) -> dict[str, Any]:
    """Return everything but the messages for `language`, one of `LANGUAGES`."""
    locale = Locale.parse(CLDR_NAMES[language])
    return {
        "locale": language,
        "plural": _plural(locale, language),
        "months": _widths(locale.months, range(1, 13)),
        "weekdays": _widths(locale.days, range(7)),
        "day_periods": _day_periods(locale),
        "first_weekday": locale.first_week_day,
        "date": _dates(locale),
        "time": {width: locale.time_formats[width].pattern for width in ("short", "medium")},
        "datetime": str(locale.datetime_formats["medium"]),
        "numbers": _numbers(locale),
        "relative": _relative(locale),
        "list": _list(locale),
        "bytes": _bytes(locale),
        "alphabet": ALPHABETS[language],
    }


def _plural(locale: Locale, language: str) -> dict[str, Any]:
    forms = {tag: index for index, tag in enumerate(PLURAL_FORMS[language])}
    # Fractions of Russian ("1,5 вопроса") take the genitive singular, which is the text of "few".
    forms.setdefault("other", forms.get("few", len(forms) - 1))
    return {"forms": forms, "rules": [[tag, _condition(node)] for tag, node in locale.plural_form.abstract]}


def _condition(node: Any) -> list[Any]:
    """Return Babel's syntax tree of a plural rule as lists that JSON can carry."""
    kind, operands = node
    match kind:
        case "relation":
            relation, left, (_, ranges) = operands
            if relation != "in":
                raise ValueError(f"a plural rule uses {relation!r}, which the web client does not know")
            return ["in", _condition(left), [[low[1][0], high[1][0]] for low, high in ranges]]
        case "value":
            return ["value", operands[0]]
        case "and" | "or" | "not" | "mod":
            return [kind, *(_condition(operand) for operand in operands)]
        case _:
            return [kind]


def _widths(names: Any, keys: range) -> dict[str, Any]:
    return {
        ours: {
            "wide": [names[theirs]["wide"][key] for key in keys],
            "short": [names[theirs]["abbreviated"][key] for key in keys],
        }
        for ours, theirs in (("format", "format"), ("alone", "stand-alone"))
    }


def _day_periods(locale: Locale) -> dict[str, str]:
    names = locale.day_periods["format"]
    return {half: names["wide"].get(half) or names["abbreviated"][half] for half in ("am", "pm")}


def _dates(locale: Locale) -> dict[str, str]:
    styles = {style: locale.date_formats[style].pattern for style in ("full", "long", "medium", "short")}
    skeletons = {style: locale.datetime_skeletons[key].pattern for style, key in _SKELETONS.items()}
    return styles | skeletons


def _numbers(locale: Locale) -> dict[str, str]:
    symbols = locale.number_symbols["latn"]
    percent = locale.percent_formats[None]
    sign = symbols["percentSign"]
    return {
        "decimal": symbols["decimal"],
        "group": symbols["group"],
        "minus": symbols["minusSign"],
        "percent_pattern": "{0}" + percent.suffix[0].replace("%", sign),
    }


def _relative(locale: Locale) -> dict[str, Any]:
    fields = locale._data[
        "date_fields"
    ]  # Babel has no public name for them; a test compares with format_timedelta
    return {
        unit: {direction: dict(fields[unit][direction].items()) for direction in ("past", "future")}
        for unit in _RELATIVE_UNITS
    }


def _list(locale: Locale) -> dict[str, str]:
    patterns = locale.list_patterns["standard"]
    return {
        "start": patterns["start"],
        "middle": patterns["middle"],
        "end": patterns["end"],
        "two": patterns["2"],
    }


def _bytes(locale: Locale) -> dict[str, dict[str, str]]:
    units = locale._data["unit_patterns"]
    found: dict[str, dict[str, str]] = {}
    for name in _BYTE_UNITS:
        widths = units[f"digital-{name}"]
        # "bytes" in full where the language has it: a bare B is read as bits by some and as bytes by others.
        width = "long" if name == "byte" and "long" in widths else "short"
        found[name] = {tag: text for tag, text in widths[width].items() if tag != "per"}
    return found
