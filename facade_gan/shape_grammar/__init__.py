"""Facades drawn by a shape grammar: plans of buildings, and how they are painted.

``styles`` is the table of house types, ``rules`` the productions that make a ``plan`` of one,
``colours`` what its parts are painted in; ``facade`` draws a whole picture of a seed. ``painting``
holds the painters. Nothing in here knows the rest of the project.
"""
