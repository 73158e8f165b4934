"""What the programs of random histories share: options, the seed, and batches in two processes."""

import argparse
import random
from concurrent.futures import ProcessPoolExecutor

import engine

PROCESSES = 2


def run(description, run_batch, batch_size, count, show):
    """(arguments, program, what `run_batch(program, seed, index, size)` gave of each batch, in order)."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--seed", type=int, default=None, help="of the random histories; a new one by default")
    parser.add_argument("--count", type=int, default=count, help="agreements with their histories")
    parser.add_argument("--bin", default=engine.DEFAULT_BIN, metavar="DIR", help="folder of the programs")
    parser.add_argument("--show", type=int, default=show, help="how many failures to print")
    arguments = parser.parse_args()
    seed = random.SystemRandom().randrange(10**9) if arguments.seed is None else arguments.seed
    print(f"seed {seed}, count {arguments.count}", flush=True)
    program = engine.nines_in(arguments.bin)
    sizes = [min(batch_size, arguments.count - start) for start in range(0, arguments.count, batch_size)]
    with ProcessPoolExecutor(PROCESSES) as pool:
        batches = list(pool.map(run_batch, *zip(*((program, seed, *entry) for entry in enumerate(sizes)), strict=True)))
    return arguments, program, batches
