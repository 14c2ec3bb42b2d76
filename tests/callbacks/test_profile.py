import json
from pathlib import Path

from conftest import TINY, run_command


def test_profile_true_leaves_a_trace_and_a_table_of_operators(tmp_path: Path) -> None:
    run = tmp_path / "run"
    done = run_command(
        "train.py", *TINY, "profile=true", "data.count=16", "data.mirror=true",
        "trainer.max_epochs=1", f"data.cache_dir={tmp_path}/cache", f"hydra.run.dir={run}",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (trace,) = (run / "profile").glob("*.pt.trace.json")
    names = {event.get("name") for event in json.loads(trace.read_text())["traceEvents"]}
    assert "aten::convolution_backward" in names
    assert "aten::convolution_backward" in (run / "profile" / "operators.txt").read_text()
    assert str(run / "profile") in done.stdout + done.stderr
