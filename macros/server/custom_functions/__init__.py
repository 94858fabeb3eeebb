"""There are none. Without this file xlwings Server would offer its examples."""
