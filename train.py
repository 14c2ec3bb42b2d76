"""Train from a clone: ``python train.py`` is ``python -m facade_gan.train``."""

from facade_gan.train import main

if __name__ == "__main__":
    main()
