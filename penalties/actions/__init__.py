"""The only writers of penalties, by noun."""
