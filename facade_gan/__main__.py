"""``facade-gan COMMAND ...``, or ``python -m facade_gan COMMAND ...``.

A command is a file at the top of this package that can be run, or a folder with a ``__main__``; its
docstring's first line describes it. Only the one that is asked for is imported, so that the list of
all comes at once.
"""

import ast
import sys
from importlib import import_module
from pathlib import Path

from facade_gan.commandline.broken_pipe import reader_may_leave

TOP = Path(__file__).parent


def commands() -> dict[str, Path]:
    """Find the file of each command by the command's name."""
    files = {path.stem: path for path in TOP.glob("*.py") if path.name != "__main__.py"}
    runnable = {
        name: path
        for name, path in files.items()
        if '\nif __name__ == "__main__":\n' in path.read_text(encoding="utf-8")
    }
    folders = {path.parent.name: path for path in TOP.glob("*/__main__.py")}
    return dict(sorted((runnable | folders).items()))


def summary(path: Path) -> str:
    """Read the first line of a file's docstring."""
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n")[0]


def overview(found: dict[str, Path]) -> str:
    """Lay the commands out as text, a line each."""
    width = max(map(len, found)) + 2
    lines = [f"  {name:{width}}{summary(path)}" for name, path in found.items()]
    return "\n".join(
        [
            "facade-gan COMMAND [SETTING=VALUE ...]",
            "",
            *lines,
            "",
            "facade-gan COMMAND --help lists the settings of a command.",
        ]
    )


def main() -> None:
    """Run the command that the first argument names with the arguments after it."""
    found = commands()
    name, *arguments = sys.argv[1:] or ["--help"]
    if name in ("--help", "-h"):
        with reader_may_leave():
            print(overview(found))
        return
    if name not in found:
        from facade_gan.commandline.did_you_mean import did_you_mean

        hint = did_you_mean(name, found) or f"; there are {', '.join(found)}"
        print(f"error: {name}: no such command{hint}", file=sys.stderr)
        sys.exit(2)
    # For losses and networks of one's own beside the photos; `python -m` looks there by itself.
    sys.path.append(str(Path.cwd()))
    sys.argv = [f"facade-gan {name}", *arguments]
    module = ".".join(found[name].relative_to(TOP).with_suffix("").parts)
    import_module(f"facade_gan.{module}").main()


if __name__ == "__main__":
    main()
