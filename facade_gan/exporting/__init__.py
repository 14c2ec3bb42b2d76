"""A trained generator for use elsewhere: ONNX, a model hub's folder, a page; a format a file."""
