"""Drawn architecture: plans of buildings by a shape grammar, and how they are painted.

``styles`` is the table of house types, ``rules`` the productions that make a ``plan`` of one.
``canvas`` is the drawing board, ``materials`` colours and textures, ``scene`` what every painter
gets; ``building`` leads the painters of ``windows``, ``entries``, ``balconies``, ``projections``
and ``roofs``, ``surroundings`` and ``plants`` add the street, ``camera`` makes a photo of it.
"""
