"""Gaps and overlaps between neighbours in tiles, against the source's own shapes, in square units of the tile.

Reads a question (argument 1): the wards as GeoJSON geometries and tiles with the polygons drawn for each ward. Prints per
tile `gap`, what the source covers away from the outline of all wards and no drawn polygon does, and `overlap`, what two
drawn polygons both cover. Beside them `holes` and `overlap` of the source itself.
"""
import json
import math
import sys

from osgeo import ogr

ogr.UseExceptions()
# Rounding moves a vertex of the outline by less than this, and up to zoom 12 simplification.
OUTLINE, COARSE_OUTLINE, COARSE_ZOOM = 1.0, 3.0, 12


def union(shapes):
    whole = ogr.Geometry(ogr.wkbMultiPolygon)
    for shape in shapes:
        whole = whole.Union(shape)
    return whole


def overlaps(shapes):
    pairs = [(a, b) for n, a in enumerate(shapes) for b in shapes[:n]]
    return union(area(a.Intersection(b)) for a, b in pairs)


def area(shape):
    """The parts that have area."""
    whole = ogr.Geometry(ogr.wkbMultiPolygon)
    parts = [shape] if shape.GetGeometryCount() == 0 or shape.GetGeometryName() == "POLYGON" else shape
    for part in parts:
        if part.GetGeometryName() == "MULTIPOLYGON":
            for inner in part:
                whole.AddGeometry(inner)
        elif part.GetGeometryName() == "POLYGON":
            whole.AddGeometry(part)
    return whole


def in_units(geometry, tile):
    z, x, y = tile
    side = 2**z

    def local(coordinates):
        if isinstance(coordinates[0], (int, float)):
            lon, lat = coordinates[:2]
            u, v = lon / 360 + 0.5, 0.5 - math.asinh(math.tan(math.radians(lat))) / math.tau
            return (u * side - x) * 4096, (v * side - y) * 4096
        return [local(inner) for inner in coordinates]

    moved = {"type": geometry["type"], "coordinates": local(geometry["coordinates"])}
    return ogr.CreateGeometryFromJson(json.dumps(moved)).MakeValid()


def drawn(polygons):
    rings = [[ring + ring[:1] for ring in polygon] for polygon in polygons]
    found = ogr.CreateGeometryFromJson(json.dumps({"type": "MultiPolygon", "coordinates": rings}))
    return area(found.MakeValid())


question = json.load(open(sys.argv[1], encoding="utf-8"))
source = [ogr.CreateGeometryFromJson(json.dumps(g)) for g in question["wards"]]
whole = union(source)
holes = sum(p.GetGeometryCount() - 1 for p in area(whole))
told = {"holes": holes, "overlap": overlaps(source).Area(), "tiles": []}
box = ogr.CreateGeometryFromWkt("POLYGON((0 0,4096 0,4096 4096,0 4096,0 0))")
for asked in question["tiles"]:
    exact = union(in_units(g, asked["tile"]) for g in question["wards"])
    polygons = [drawn(p).Intersection(box) for p in asked["polygons"]]
    outline = exact.Boundary().Intersection(box.Buffer(64)).Buffer(COARSE_OUTLINE if asked["tile"][0] <= COARSE_ZOOM else OUTLINE)
    gap = area(exact.Intersection(box).Difference(union(polygons)).Difference(outline))
    told["tiles"].append({"gap": gap.Area(), "overlap": overlaps(polygons).Area()})
json.dump(told, sys.stdout)
