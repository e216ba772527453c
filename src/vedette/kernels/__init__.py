"""The Cython modules: small, typed, without policy.

Python checks, allocates and names; a kernel gets typed buffers that are already right, frees the GIL and
loops. Every kernel has a plain twin that it is compared with on random input: those that queries run on in
``vedette.kernels.plain``, the others in ``tests/kernels/``.
"""
