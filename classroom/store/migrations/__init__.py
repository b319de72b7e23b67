"""Alembic's folder: how tables of an older release become those of tables.py. See schema.py."""
