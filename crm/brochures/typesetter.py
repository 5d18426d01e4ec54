"""A process of its own that sets one document: what typst remembers (some 100 MB) ends with it, and a document that
never ends is ended.

Reads a JSON order from the standard input, writes the document (for pictures: the wanted page) to the standard output.
"""

import json
import resource
import sys
import tempfile

import typst  # here alone: the processes that serve pages never load the engine

SECONDS = 30  # of computing


def main() -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    order = json.load(sys.stdin)
    with tempfile.TemporaryDirectory(prefix="rapport-typst-") as empty:
        made: bytes | list[bytes] = typst.compile(
            {name: text.encode() for name, text in order["files"].items()},
            root=order["root"] or empty,  # what a template can read: nothing, or the one file that is shown
            font_paths=[order["fonts"]],
            ignore_system_fonts=True,
            package_path=empty,  # no packages: neither from this machine nor from the network
            package_cache_path=empty,
            sys_inputs={"data": json.dumps(order["data"])},
            format=order["format"],
            ppi=order["ppi"],
        )
    pages = made if isinstance(made, list) else [made]
    page = order["page"]
    if page > len(pages):
        return 3  # there is no such page
    sys.stdout.buffer.write(pages[page - 1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
