"""The demonstration trust: two invented primary schools whose absence looks like England's.

Everything but `load` and `clock` is a pure function of a day: the same day gives the same children and the same marks.
"""
