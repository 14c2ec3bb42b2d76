"""How the user starts the commands of this project."""

import sys
from pathlib import Path


def invocation(command: str) -> list[str]:
    """Write what starts ``command``, in the way in which this process was started."""
    program = sys.argv[0]
    if program.startswith("facade-gan "):
        return ["facade-gan", command]
    is_script = getattr(sys.modules["__main__"], "__spec__", None) is None
    if is_script and Path(program).name == f"{command}.py":
        return ["python", program]
    return ["python", "-m", f"facade_gan.{command}"]
