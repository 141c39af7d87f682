"""`python -m gsmsend` is the command `gsmsend`."""

from gsmsend.cli import main

if __name__ == "__main__":
    main()
