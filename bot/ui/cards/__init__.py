"""Pure: how a job looks, from its row to a view."""
