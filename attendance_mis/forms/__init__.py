"""The shape of what people enter, by noun."""
