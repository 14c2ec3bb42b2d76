"""The whole step as a CUDA graph."""

import logging

import torch
from torch import Tensor

from facade_gan.compute.compiled import Compiled
from facade_gan.compute.execution import Eager, Step, TrainedModule

log = logging.getLogger(__name__)


class CUDAGraph(Eager):
    """Record the whole step once as a CUDA graph, and replay it: one launch instead of hundreds."""

    graphed: "GraphedStep | None" = None

    def prepare(self, module: TrainedModule) -> Step:
        """Return the step as a graph; on another device than a GPU, eagerly, with a log line."""
        self.release()
        if module.device.type != "cuda":
            log.warning(f"a CUDA graph needs a CUDA GPU; on {module.device} the step runs eagerly")
            return Eager.prepare(self, module)
        for optimizer in module.optimizers(use_pl_optimizer=False):
            for group in optimizer.param_groups:
                group["capturable"] = True
                # A number would be frozen into the graph; a tensor can still change.
                group["lr"] = torch.as_tensor(group["lr"], device=module.device)
        step = super().prepare(module)
        graphed = self.graphed = GraphedStep(step)

        def run(photos: Tensor) -> Tensor:
            module.ema.moved = True  # a replay runs the kernels of the step, not its Python
            return graphed(photos)

        return run

    def release(self) -> None:
        """Destroy the graphs.

        NCCL waits for ever where a process group ends before the graphs that hold calls of it
        (pytorch#115388), and Python's references end late: a failure's traceback holds some.
        """
        if self.graphed is not None:
            self.graphed.reset()
            self.graphed = None
        super().release()


class CompiledGraph(CUDAGraph, Compiled):
    """Record the step of compiled networks: the graph holds fewer and larger kernels."""


class GraphedStep:
    """A step recorded once for each batch shape it meets.

    The first steps of a shape run eagerly, as the allocator and cuDNN need to settle before the
    recording; they are training steps like any other.
    """

    WARM_UP = 3

    def __init__(self, step: Step) -> None:
        self.step: Step = step
        self.calls: dict[torch.Size, int] = {}
        self.graphs: dict[torch.Size, tuple[torch.cuda.CUDAGraph, Tensor, Tensor]] = {}
        self.stream = torch.cuda.Stream()
        self.failed = False

    def __call__(self, photos: Tensor) -> Tensor:
        """Run the step on ``photos``; the result is overwritten by the next call."""
        shape = photos.shape
        if shape not in self.graphs and not self.failed:
            self.calls[shape] = self.calls.get(shape, 0) + 1
            if self.calls[shape] <= self.WARM_UP:
                return self.eagerly(photos)
            self.record(photos)
        if self.failed:
            return self.step(photos)
        graph, static_photos, result = self.graphs[shape]
        static_photos.copy_(photos)
        graph.replay()
        return result

    def eagerly(self, photos: Tensor) -> Tensor:
        """Run one step on another stream than the default one, as recording will."""
        self.stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self.stream):
            result = self.step(photos)
        torch.cuda.current_stream().wait_stream(self.stream)
        return result

    def record(self, photos: Tensor) -> None:
        """Record the step for the shape of ``photos``; recording runs nothing."""
        static_photos = photos.clone()
        graph = torch.cuda.CUDAGraph()
        pool = next(iter(self.graphs.values()))[0].pool() if self.graphs else None
        try:
            # Thread-local: the thread that pins host memory for the next block goes on meanwhile.
            mode = "thread_local"
            # On a stream of its own, so that cuBLAS takes its workspace from the graph's memory.
            # That of the warm-up's stream Lightning gives back when any training of the process
            # ends; a replay after that crashed on an H100 with torch 2.11, in the benchmark.
            stream = torch.cuda.Stream()
            with torch.cuda.graph(graph, pool, stream, capture_error_mode=mode):
                result = self.step(static_photos)
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[0]
            log.warning(f"CUDA graph: this step can't be recorded ({reason}); it runs eagerly")
            self.reset()
            self.failed = True
            # Before torch 2.11 the generator would go on believing that it is recorded, and refuse
            # to sample (pytorch#171265); a copy of its state doesn't.
            generator = torch.cuda.default_generators[photos.device.index]
            generator.graphsafe_set_state(generator.clone_state())
            return
        self.graphs[photos.shape] = graph, static_photos, result

    def reset(self) -> None:
        """Destroy all graphs, and free the memory they run in."""
        for graph, _, _ in self.graphs.values():
            graph.reset()
        self.graphs.clear()
