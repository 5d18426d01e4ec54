"""A process of its own that turns one drawing (SVG, standard input) into a PNG (standard output)."""

import resource
import sys
import tempfile
from typing import Any

import typst  # here alone: the processes that serve pages never load the engine

SECONDS = 10  # of computing
PAGE = """#set page(width: 240pt, height: 180pt, margin: 0pt, fill: white)
#image("drawing.svg", width: 240pt, height: 180pt)
"""


def main() -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    files: Any = {"main.typ": PAGE.encode(), "drawing.svg": sys.stdin.buffer.read()}
    with tempfile.TemporaryDirectory(prefix="rapport-picture-") as empty:
        made: bytes | list[bytes] = typst.compile(
            files,
            root=empty,
            ignore_system_fonts=True,
            package_path=empty,
            package_cache_path=empty,
            format="png",
            ppi=144,
        )
    sys.stdout.buffer.write(made[0] if isinstance(made, list) else made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
