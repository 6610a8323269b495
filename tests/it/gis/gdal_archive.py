"""Opens a PMTiles archive with GDAL: for each zoom asked for and each layer, the ids of its features, their fields,
and the points among them in degrees."""
import json
import math
import struct
import sys

from pyogrio import list_layers
from pyogrio.raw import read

path, zooms = sys.argv[1], json.loads(sys.argv[2])


def degrees(x, y):
    half = math.pi * 6378137
    return [x / half * 180, math.degrees(math.atan(math.sinh(y / half * math.pi)))]


told = {}
for zoom in zooms:
    told[zoom] = {}
    for name, _ in list_layers(path):
        meta, _, shapes, columns = read(path, layer=name, ZOOM_LEVEL=str(zoom), CLIP="NO")
        fields = list(meta["fields"])
        ids = columns[fields.index("id")]
        points = {}
        for one, shape in zip(ids, shapes):
            assert shape is not None and len(shape) > 9, name
            order = "<" if shape[0] == 1 else ">"
            if struct.unpack_from(order + "I", shape, 1)[0] == 1:
                points.setdefault(one, degrees(*struct.unpack_from(order + "dd", shape, 5)))
        told[zoom][name] = {"ids": sorted(set(ids)), "fields": sorted(fields), "points": points}
print(json.dumps(told))
