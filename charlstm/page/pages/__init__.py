"""One module a page of the app; each has a `show`."""
