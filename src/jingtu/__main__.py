"""``python -m jingtu`` is the ``jingtu`` command."""

from jingtu.portal.cli import main

if __name__ == "__main__":
    main()
