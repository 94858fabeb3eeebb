"""What the server answers beside xlwings' own routes: `custom`."""
