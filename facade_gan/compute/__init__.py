"""How a step is run, never what it computes."""

from facade_gan.compute.compiled import Compiled
from facade_gan.compute.cuda_graph import CompiledGraph, CUDAGraph
from facade_gan.compute.execution import Eager

__all__ = ["CUDAGraph", "Compiled", "CompiledGraph", "Eager"]
