"""What people read: a day's figures put together, computed nowhere else than in the tables."""
