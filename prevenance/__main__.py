"""The command `prevenance`."""

import sys

from prevenance.config.command_line import main

if __name__ == "__main__":
    main(sys.argv[1:])
