"""The Cython modules: small, typed, without policy.

Python checks, allocates and names; a kernel gets typed buffers that are already right, frees the GIL and
loops. Every kernel has a plain twin in ``tests/kernels/`` that it is compared with on random input.
"""
