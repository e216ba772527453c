"""The way of a notification, one stage a module: mute (inhibition, times, silences), dedup, send, record."""
