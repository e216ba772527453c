"""Pushed bodies to entries: bytes in, values out. No sockets, no clock."""
