"""Opens vector tiles with GDAL, all in one process: a line of JSON per file with the ids of each layer."""
import json
import sys

from osgeo import gdal

gdal.UseExceptions()
for name in json.load(open(sys.argv[1], encoding="utf-8")):
    # The buffer too: unasked, GDAL cuts it off.
    tile = gdal.OpenEx("MVT:" + name, open_options=["CLIP=NO"])
    layers = {}
    for n in range(tile.GetLayerCount()):
        layer = tile.GetLayer(n)
        ids = []
        for feature in layer:
            geometry = feature.GetGeometryRef()
            assert geometry is not None and not geometry.IsEmpty(), name
            ids.append(feature.GetField("id"))
        layers[layer.GetName()] = sorted(ids)
    print(json.dumps(layers))
