#!/usr/bin/env python3
"""End the processes whose environment holds NAME=VALUE: what a test run left behind in own sessions."""

# ruff: noqa: T201  (a command line program)

from __future__ import annotations

import sys

from processes import end_processes_marked, processes_marked


def main(name: str, value: str) -> int:
    left = processes_marked(name, value)
    if left:
        print(f"reap: left running by the tests and now ended: {len(left)}", flush=True)
        end_processes_marked(value, name)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
