"""The vendors' clients, unchanged, against `fleetplan simulate`: run.py PATH_OF_FLEETPLAN"""

import os
import signal
import sys

import huawei_sdk
import otc_extensions
import raw_requests
from checks import CheckFailed
from simulator import SimulatorFailed


def stop(number, frame):
    """Ends as an exception does, so that the simulators are stopped."""
    sys.exit(f"stopped by {signal.Signals(number).name}")


def main(program):
    signal.signal(signal.SIGTERM, stop)
    try:
        count = sum(client.run(os.path.abspath(program)) for client in (huawei_sdk, otc_extensions, raw_requests))
    except (CheckFailed, SimulatorFailed) as failure:
        sys.exit(f"FAILED  {failure}")
    print(f"{count} checks of the vendors' clients hold")


if __name__ == "__main__":
    main(sys.argv[1])
