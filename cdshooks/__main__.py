"""`python -m cdshooks` is the command `cdshooks`."""

from cdshooks.faces.terminal.cli import app

if __name__ == "__main__":
    app(prog_name="cdshooks")
