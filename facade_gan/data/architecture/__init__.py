"""Drawn architecture: plans of buildings by a shape grammar, and how they are painted.

``styles`` is the table of house types, ``plan`` the production rules that make a building of
one, ``canvas`` the drawing board, ``openings``, ``building`` and ``surroundings`` the painters,
``materials`` colours and textures, ``camera`` what a camera does to the scene.
"""
