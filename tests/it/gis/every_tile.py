"""Opens vector tiles with GDAL and asks GEOS whether what is in them is valid, in GDAL's reading and in that of the tests.

Reads a question (argument 1): files, each with the polygons the tests' own reader found in it. Prints a line of JSON per
file: `layers`, the ids of each layer; `invalid`, what GEOS refuses; how many `shapes` of GDAL's and `areas` of the tests'
reading were asked about.
"""
import json
import sys

from osgeo import gdal, ogr

gdal.UseExceptions()
ogr.UseExceptions()


def is_valid(geometry):
    try:
        return geometry.IsValid()
    except RuntimeError:
        # What GEOS has to say against it comes as an exception where GDAL raises its warnings.
        return False


def own(polygons):
    rings = [[ring + ring[:1] for ring in polygon] for polygon in polygons]
    return ogr.CreateGeometryFromJson(json.dumps({"type": "MultiPolygon", "coordinates": rings}))


for asked in json.load(open(sys.argv[1], encoding="utf-8")):
    # The buffer too: unasked, GDAL cuts it off.
    tile = gdal.OpenEx("MVT:" + asked["file"], open_options=["CLIP=NO"])
    told = {"layers": {}, "invalid": [], "shapes": 0, "areas": len(asked["polygons"])}
    for n in range(tile.GetLayerCount()):
        layer = tile.GetLayer(n)
        ids = told["layers"].setdefault(layer.GetName(), [])
        for feature in layer:
            geometry = feature.GetGeometryRef()
            assert geometry is not None and not geometry.IsEmpty(), asked["file"]
            ids.append(feature.GetField("id"))
            if geometry.GetDimension() == 2:
                told["shapes"] += 1
                if not is_valid(geometry):
                    told["invalid"].append(["gdal", layer.GetName(), ids[-1], geometry.ExportToWkt()])
    for polygons in asked["polygons"]:
        if not is_valid(own(polygons)):
            told["invalid"].append(["own", polygons])
    print(json.dumps(told))
