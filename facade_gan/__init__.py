"""Generate building facades with GANs trained on few photos."""
