"""The pages of the ground, by noun."""
