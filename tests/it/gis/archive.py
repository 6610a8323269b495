"""Takes a PMTiles archive apart with the format's own package into a folder of plain tiles, and tells what it says."""
import gzip
import json
import sys
from pathlib import Path

from pmtiles.reader import MmapSource, Reader, all_tiles

out = Path(sys.argv[2])
with open(sys.argv[1], "rb") as file:
    source = MmapSource(file)
    header = Reader(source).header()
    tiles = []
    for (z, x, y), content in all_tiles(source):
        (out / f"{z}-{x}-{y}").write_bytes(gzip.decompress(content))
        tiles.append([z, x, y])
    told = {name: value for name, value in header.items() if isinstance(value, (int, bool, str))}
    for name in ("tile_type", "internal_compression", "tile_compression"):
        told[name] = header[name].name
    print(json.dumps({"tiles": tiles, "header": told, "metadata": Reader(source).metadata()}))
