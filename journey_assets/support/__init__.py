"""How support went, what people came for, and from where in their journey they came."""
