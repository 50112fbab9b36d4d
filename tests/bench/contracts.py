"""How fast a contract divides ten million rows, a hundredth of them bad, beside SQL by hand.

    .venv/bin/python -m tests.bench.contracts [--rows 10000000] [--runs 3]

Prints seconds of the wall and of all processors, peak memory and the ratio of ours to SQL. Started
as a module: by its path, this file would stand for the package that it measures. Not here: what is
measured (judging.py).
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.append(str(Path(__file__).parent))
    from judging import main

    main()
