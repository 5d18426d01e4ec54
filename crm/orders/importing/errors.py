"""Why an import cannot go on. The texts are for whoever runs the command."""

from __future__ import annotations


class ProfileError(Exception):
    """The profile cannot be used; `problems` names each wrong field."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class SourceFileError(Exception):
    """The file cannot be read to its end, so nothing of it is loaded. `line` counts from 1."""

    def __init__(self, told: str, line: int | None = None) -> None:
        self.line = line
        super().__init__(f"line {line}: {told}" if line is not None else told)
