"""The only writers of the register: one function per verb."""
