"""Batch norm without a counter of batches."""

from torch import Tensor, nn
from torch.nn import functional as F


class BatchNorm2d(nn.BatchNorm2d):
    """``nn.BatchNorm2d`` that counts batches only where ``momentum=None`` asks for their number.

    The count is a launch of its own on a GPU, for a number that nothing else reads.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Normalise ``x`` (N, C, H, W)."""
        if not self.training or self.momentum is None:
            return super().forward(x)
        statistics = self.running_mean, self.running_var
        return F.batch_norm(x, *statistics, self.weight, self.bias, True, self.momentum, self.eps)
