"""The engine: signalling and media forwarding. It has never heard of a class; `classroom` uses it."""
