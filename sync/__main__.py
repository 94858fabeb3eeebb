"""`python -m sync` is `baocao`."""

from sync.cli import main

if __name__ == "__main__":
    main()
