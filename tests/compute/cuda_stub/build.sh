#!/bin/bash
# Builds the stand-in for the environment of an interpreter, into a folder: build.sh PYTHON FOLDER
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
python=$1 folder=$2
mkdir -p "$folder"
find='import importlib.util; print(*importlib.util.find_spec("torch").submodule_search_locations)'
torch=$("$python" -c "$find")
# The wheels of CUDA lack some of its headers; triton has them all.
headers=(-I"$torch/../nvidia/cu13/include" -I"$torch/../triton/backends/nvidia/include")
objects=()
for part in runtime memory device libraries; do
    gcc -Wall -O1 -fPIC "${headers[@]}" -c "$here/$part.c" -o "$folder/$part.o"
    objects+=("$folder/$part.o")
done
"$python" "$here/symbols.py" "$torch/lib" "${objects[@]}" > "$folder/rest.c"
gcc -Wall -O1 -fPIC -shared "${objects[@]}" "$folder/rest.c" -o "$folder/libstub.so"
gcc -Wall -O1 -fPIC -shared "$here/driver.c" -ldl -o "$folder/libcuda.so.1"
