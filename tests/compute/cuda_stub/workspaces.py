"""Tells where the recorded products of matrices have their workspace: workspaces.py "OVERRIDE ..."

Lightning clears the workspaces of cuBLAS when a training ends. One outside the graph's own memory
is then given back, and a graph of another training that is replayed afterwards works in memory that
is no longer its own.
"""

import torch
from recipe import SMALL, autocast, black_photos, built, report


def allocated(pool: tuple[int, int]) -> int:
    """Count the bytes in use in a pool of the allocator."""
    segments = torch.cuda.memory_snapshot()
    return sum(s["allocated_size"] for s in segments if tuple(s["segment_pool_id"]) == pool)


def look(case: str) -> dict[str, object]:
    """Record a graph, clear the workspaces, and see in which memory they were."""
    cfg, gan, step = built([*SMALL, *case.split()])
    with autocast(cfg):
        for _ in range(5):
            step(black_photos(cfg))
    ((graph, _, _),) = gan.compute.graphed.graphs.values()
    before = allocated(graph.pool())
    torch._C._cuda_clearCublasWorkspaces()
    cleared = before - allocated(graph.pool())
    gan.cpu()
    return {"cleared in the graph's memory": cleared}


if __name__ == "__main__":
    report(look)
