"""Generators and discriminators: plain modules that know tensors and nothing else."""

from facade_gan.networks.dcgan import DCGANDiscriminator, DCGANGenerator
from facade_gan.networks.lightweight import LightweightGenerator

__all__ = ["DCGANDiscriminator", "DCGANGenerator", "LightweightGenerator"]
