"""The vocabulary everyone speaks: labels, matchers, time, values. Imports nothing of ours but kernels."""
