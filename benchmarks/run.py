"""``make bench``: all benchmarks, one after the other, each as a process of its own."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    """Run them; returns the first exit code that is not 0."""
    for script in (
        "bench_growth.py",
        "bench_statistics.py",
        "bench_golden_path.py",
        "bench_error_rates.py",
        "bench_faults.py",
        "bench_numbers.py",
    ):
        print(f"\n== {script}", flush=True)
        code = subprocess.run([sys.executable, str(HERE / script)], check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
