"""What partners read of a school by machine: marks, pupils, summaries. Its addresses are below /api/v1/."""
