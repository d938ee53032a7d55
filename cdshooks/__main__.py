"""The command `cdshooks`, also as `python -m cdshooks`."""

import gc
import os


def main() -> None:
    """Run the command line. Modules stay until the end: the collector is kept from them."""
    # A plugin of another package would see every chart that is validated; to look for some takes
    # time, too.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.disable()
    from cdshooks.faces.terminal.cli import app  # noqa: PLC0415  without the collector

    gc.freeze()
    gc.enable()
    app(prog_name="cdshooks")


if __name__ == "__main__":
    main()
