"""
The graph of ES modules that a page will load, found by reading the imports.

Without a bundler a browser learns of a module only when it has parsed the one that imports it: a chain of
five imports is five round trips, and a village school has 250 ms each. The server knows all files, so it
walks the graph once at the start and names every module in the page's head. Pure: text in, names out.
"""

import posixpath
import re
from collections.abc import Mapping

# Static imports only: a dynamic import() is a decision to load later. Our modules are formatted by one
# hand, and a false match inside a string names a file that does not exist, which is ignored.
_IMPORT = re.compile(
    r"""^\s*(?:import|export)\b   # a statement at the start of a line
        (?:[^'"();]*?\bfrom)?     # names, possibly over several lines
        \s*['"]([^'"\n]+)['"]     # the module
    """,
    re.VERBOSE | re.MULTILINE,
)


def imports(source: str) -> list[str]:
    """Return the specifiers that `source` imports statically, in order, each once."""
    return list(dict.fromkeys(_IMPORT.findall(source)))


def resolve(specifier: str, importer: str, import_map: Mapping[str, str]) -> str | None:
    """
    Return the path that `specifier` means inside the module `importer`, or None for a name nobody defines.

    Paths are absolute URL paths; relative ones go by the importer's folder, bare ones by the import map.
    """
    if specifier.startswith(("./", "../")):
        return posixpath.normpath(posixpath.join(posixpath.dirname(importer), specifier))
    if specifier.startswith("/"):
        return posixpath.normpath(specifier)
    return import_map.get(specifier)


def reachable(entry: str, sources: Mapping[str, str], import_map: Mapping[str, str]) -> list[str]:
    """
    Return the paths of all modules that loading `entry` loads, `entry` first, nearest first.

    `sources` maps paths to module texts; what is not there is left out: the browser will report it better.
    """
    found: dict[str, None] = {}
    queue = [entry]
    while queue:
        path = queue.pop(0)
        if path in found or path not in sources:
            continue
        found[path] = None
        for specifier in imports(sources[path]):
            target = resolve(specifier, path, import_map)
            if target is not None:
                queue.append(target)
    return list(found)
