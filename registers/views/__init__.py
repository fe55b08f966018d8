"""The pages of the registers, by noun."""
