"""The painters of a planned building.

``canvas`` is the drawing board, ``textures`` the building materials on it, ``scene`` what every
painter gets; ``building`` leads the painters of ``windows``, ``entries``, ``balconies``,
``projections`` and ``roofs``, ``surroundings`` and ``plants`` add the street, ``camera`` makes a
photo of it.
"""
