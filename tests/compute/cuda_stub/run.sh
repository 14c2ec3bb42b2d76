#!/bin/bash
# Runs a script on the stand-in, from the repository: STUB=FOLDER PYTHON=python run.sh SCRIPT CASES...
# STUB_CAPABILITY=7.5 and STUB_DEVICES=2 change the card that it plays.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
STUB=$(cd "$STUB" && pwd)
export STUB PYTHONPATH=$here:$PWD OMP_NUM_THREADS=1
# What torch.compile makes here must not be found by a run on a card, and its workers would run
# without the stand-in.
export TORCHINDUCTOR_CACHE_DIR=$STUB/inductor TRITON_CACHE_DIR=$STUB/triton
export TORCHINDUCTOR_COMPILE_THREADS=1
export TRITON_LIBCUDA_PATH=$STUB LD_LIBRARY_PATH=$STUB LD_PRELOAD=$STUB/libstub.so
exec "${PYTHON:-python}" "$@"
