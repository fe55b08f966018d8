"""The pages of penalties, by noun."""
