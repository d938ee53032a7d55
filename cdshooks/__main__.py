"""The command `cdshooks`, also as `python -m cdshooks`."""

import gc


def main() -> None:
    """Run the command line. Modules stay until the end: the collector is kept from them."""
    gc.disable()
    from cdshooks.faces.terminal.cli import app  # noqa: PLC0415  without the collector

    gc.freeze()
    gc.enable()
    app(prog_name="cdshooks")


if __name__ == "__main__":
    main()
