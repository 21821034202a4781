"""How support went: conversations, live sessions, agents and what people came for."""
