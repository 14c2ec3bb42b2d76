"""Use a trained generator from Python: load it, sample facades, interpolate between two."""

import torch
from PIL import Image

import facade_gan

generator = facade_gan.load("drawn")  # or a run's folder, a checkpoint, a .safetensors file

facades = generator.sample(count=8, seed=0)  # uint8 (8, 64, 64, 3)
Image.fromarray(facades[0]).save("facade.png")

first, second = generator.noise(count=2, seed=0)  # behind facades[0] and facades[1]
between = torch.stack([torch.lerp(first, second, step / 7) for step in range(8)])
Image.fromarray(generator.images(between).swapaxes(0, 1).reshape(64, -1, 3)).save("between.png")
