"""Receivers: one module a kind, each turning a `Message` into what its service expects.

`message` is what templates see, `templates` and `defaults` what they say, `kinds` which entry of the file makes which
integration. An integration raises `NotifyError`, which says whether to try again.
"""
