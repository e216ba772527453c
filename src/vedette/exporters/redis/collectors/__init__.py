"""One part of a server's replies a module: `describe` puts it on the page."""
