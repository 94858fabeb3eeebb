"""An invented office: schools, their reports, and every fault that the checks know, planted where the demo knows it.

`make` writes the workspace and says what is in it. The same plan, number of schools and seed give the same files.
"""

from sync.demo.making import make
from sync.demo.planted import Planted, PlantedFile, Spot, loads

__all__ = ["Planted", "PlantedFile", "Spot", "loads", "make"]
