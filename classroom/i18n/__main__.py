"""
`python -m classroom.i18n OUT_DIR` writes OUT_DIR/{ky,ru,en}.json; `--check` compares with the web client.

Nothing is written when anything is wrong: half a language on a page is worse than a build that stops and
says what is missing.
"""

import json
import sys
from pathlib import Path

import click

from classroom.i18n.catalogues import LOCALE_ROOT, merge_all
from classroom.i18n.cldr import tables
from classroom.i18n.extract import missing_and_unused

CLIENT_ROOT = Path(__file__).parent.parent.parent / "static" / "js"


def compile_all(out: Path, root: Path = LOCALE_ROOT) -> list[str]:
    """Write a JSON file a language into `out`; if anything is wrong write nothing and return what it is."""
    merged, problems = merge_all(root)
    if problems:
        return problems
    out.mkdir(parents=True, exist_ok=True)
    for language, table in merged.items():
        content = tables(language) | {"messages": table.messages()}
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        part = out / f"{language}.json.part"
        part.write_text(text + "\n", encoding="utf-8")
        part.replace(
            out / f"{language}.json"
        )  # a page that loads meanwhile gets the old or the new one, whole
    return []


@click.command()
@click.argument("out", type=click.Path(file_okay=False, path_type=Path), required=False)
@click.option(
    "--check",
    is_flag=True,
    help="Name the sentences that static/js uses and no catalogue has, and those unused.",
)
def main(out: Path | None, check: bool) -> None:
    """Compile the catalogues of all languages into OUT."""
    problems: list[str] = []
    if check:
        problems += missing_and_unused(CLIENT_ROOT, merge_all()[0]["en"])
    if out is not None:
        problems += compile_all(out)
    for problem in problems:
        click.echo(problem, err=True)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
