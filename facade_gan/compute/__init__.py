"""How a step is run, never what it computes."""

from facade_gan.compute.cuda_graph import CUDAGraph
from facade_gan.compute.execution import Compiled, Eager

__all__ = ["CUDAGraph", "Compiled", "Eager"]
