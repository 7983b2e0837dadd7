"""`python -m bench` runs the load script."""

import sys

from bench.load import main

sys.exit(main())
