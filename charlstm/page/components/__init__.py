"""What the browser draws by code of its own, where nothing native can do it."""
