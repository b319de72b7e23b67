"""The graph of imports, found by reading."""

from hypothesis import given
from hypothesis import strategies as st

from classroom.web import modules


def test_all_forms_of_static_import() -> None:
    source = """
    import a from "./a.js";
    import { b, c as d } from './b.js';
    import * as e from "preact";
    import "./f.js";
    import g, {
      h,
      i,
    } from "../g.js";
    export { j } from "./j.js";
    export * from "./k.js";
    import a2 from "./a.js";
    """
    assert modules.imports(source) == [
        *("./a.js", "./b.js", "preact", "./f.js", "../g.js", "./j.js", "./k.js"),
    ]


def test_what_is_no_static_import() -> None:
    source = """
    const later = await import("./later.js");
    // import old from "./old.js";
    export const name = "./name.js";
    export function from() { return "./x.js"; }
    import.meta.url;
    """
    assert modules.imports(source) == []


def test_resolving() -> None:
    table = {"preact": "/static/@v/vendor/preact.js"}
    assert modules.resolve("../b.js", "/static/@v/js/pages/a.js", table) == "/static/@v/js/b.js"
    assert modules.resolve("./b.js", "/s/a.js", table) == "/s/b.js"
    assert modules.resolve("/x/../b.js", "/s/a.js", table) == "/b.js"
    assert modules.resolve("preact", "/s/a.js", table) == "/static/@v/vendor/preact.js"
    assert modules.resolve("unknown", "/s/a.js", table) is None


def test_reachable_is_nearest_first_and_survives_cycles_and_holes() -> None:
    sources = {
        "/a.js": 'import "./b.js";\nimport "./c.js";\nimport "./missing.js";\nimport "lib";\nimport "no";',
        "/b.js": 'import "./d.js";',
        "/c.js": 'import "./a.js";',
        "/d.js": "",
        "/lib.js": "",
        "/unused.js": "",
    }
    found = modules.reachable("/a.js", sources, {"lib": "/lib.js"})
    assert found == ["/a.js", "/b.js", "/c.js", "/lib.js", "/d.js"]
    assert modules.reachable("/none.js", sources, {}) == []


@given(st.text())
def test_any_text_can_be_read(source: str) -> None:
    assert all(isinstance(name, str) for name in modules.imports(source))
