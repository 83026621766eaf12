"""What stands in the sidebar on every page."""
