"""Takes a PMTiles archive apart with the format's own package into a folder of plain tiles, every nth of them looked up
by its place, and tells what it says."""
import gzip
import json
import sys
from pathlib import Path

from pmtiles.reader import MmapSource, Reader, all_tiles

out, step = Path(sys.argv[2]), int(sys.argv[3])
with open(sys.argv[1], "rb") as file:
    source = MmapSource(file)
    reader = Reader(source)
    header = reader.header()
    tiles = []
    for n, ((z, x, y), content) in enumerate(all_tiles(source)):
        if n % step == 0:
            assert reader.get(z, x, y) == content, (z, x, y)
            (out / f"{z}-{x}-{y}").write_bytes(gzip.decompress(content))
            tiles.append([z, x, y])
    told = {name: value for name, value in header.items() if isinstance(value, (int, bool, str))}
    for name in ("tile_type", "internal_compression", "tile_compression"):
        told[name] = header[name].name
    print(json.dumps({"count": n + 1, "tiles": tiles, "header": told, "metadata": reader.metadata()}))
