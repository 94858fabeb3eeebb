"""Who is asked whose a key is: `custom`."""
