"""The embedded mock: one WSGI application over one SQLite state, reached in process or on a socket."""
