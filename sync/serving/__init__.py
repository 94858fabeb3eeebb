"""What stands before the server of the add-in: who may call it, how much, how often; and what it answers about schools.

Plain ASGI over whatever application it guards: xlwings Server itself is imported in `macros/server/` alone.
"""
