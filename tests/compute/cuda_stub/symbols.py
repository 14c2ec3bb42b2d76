"""Writes the C of every function of CUDA's libraries that torch needs and no object file defines.

Each writes its name to the log and returns 0, which is success: symbols.py FOLDER OBJECTS...
"""

import re
import subprocess
import sys
from pathlib import Path

USERS = ("c10_cuda", "torch_cuda", "torch_cuda_linalg", "torch_python")


def symbols(*arguments: str | Path) -> set[str]:
    """Name the functions of CUDA's libraries that nm finds under ``arguments``."""
    command = ["nm", "--format=posix", *arguments]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^((?:cuda|nccl)[A-Z]\w*|cublas\w+|cudnn\w+)", printed, re.MULTILINE))


folder, *objects = sys.argv[1:]
libraries = [Path(folder, f"lib{name}.so") for name in USERS]
needed = symbols("--undefined-only", "--dynamic", *(file for file in libraries if file.is_file()))
print("void stub_note(const char *call);")
for name in sorted(needed - symbols("--defined-only", *objects)):
    print(f'int {name}(void) {{ stub_note("{name}"); return 0; }}')
