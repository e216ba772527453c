"""The metrics role's HTTP doors: ``/api/v1/*``, ``/federate``, ``/-/*``. One module a family of paths."""
