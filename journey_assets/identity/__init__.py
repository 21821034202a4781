"""One person across the vendors: the identity graph, its persons and its coverage."""
