"""Which features lie in which tiles, by trying all of them: GEOS on the vertices in Web Mercator.

Reads a question (argument 1) and prints the answers as JSON, one per tile: `must`, the ids that lie in the tile's grown
box by more than the tolerance; `may`, those within the tolerance of its edge; `wrong`, what of the drawn polygons is too
far from the exact shape.
"""
import json
import math
import sys

from osgeo import ogr

ogr.UseExceptions()
BUFFER = 64 / 4096
# Of the unit square: the answers of the API are rounded to 7 decimals of a degree, which is less than half of this.
TOLERANCE = 1e-9


def mercator(lon, lat):
    return lon / 360 + 0.5, 0.5 - math.asinh(math.tan(math.radians(lat))) / math.tau


def project(coordinates):
    if isinstance(coordinates[0], (int, float)):
        return mercator(*coordinates[:2])
    return [project(inner) for inner in coordinates]


def shape(geometry):
    moved = {"type": geometry["type"], "coordinates": project(geometry["coordinates"])}
    return ogr.CreateGeometryFromJson(json.dumps(moved))


def box(west, north, east, south, grow):
    west, north, east, south = west - grow, north - grow, east + grow, south + grow
    ring = ogr.Geometry(ogr.wkbLinearRing)
    for x, y in ((west, north), (east, north), (east, south), (west, south), (west, north)):
        ring.AddPoint_2D(x, y)
    polygon = ogr.Geometry(ogr.wkbPolygon)
    polygon.AddGeometry(ring)
    return polygon


def grown(tile, grow):
    z, x, y = tile
    side = 2**z
    return box((x - BUFFER) / side, (y - BUFFER) / side, (x + 1 + BUFFER) / side, (y + 1 + BUFFER) / side, grow)


def drawn(polygons):
    """Polygons in units of the tile; rounding may have laid an edge over another."""
    rings = [[ring + ring[:1] for ring in polygon] for polygon in polygons]
    found = ogr.CreateGeometryFromJson(json.dumps({"type": "MultiPolygon", "coordinates": rings}))
    return found.MakeValid()


def in_units(geometry, tile):
    z, x, y = tile
    size = 4096 * 2**z
    moved = json.loads(geometry.ExportToJson(["COORDINATE_PRECISION=17"]))

    def local(coordinates):
        if isinstance(coordinates[0], (int, float)):
            return coordinates[0] * size - x * 4096, coordinates[1] * size - y * 4096
        return [local(inner) for inner in coordinates]

    moved["coordinates"] = local(moved["coordinates"])
    return ogr.CreateGeometryFromJson(json.dumps(moved))


def strays(exact, polygons, tile):
    """Whether a drawn polygon differs from the exact one by more than rounding its vertices explains."""
    exact = in_units(exact, tile).Intersection(box(-64, -64, 4160, 4160, 0))
    found = drawn(polygons)
    far = found.SymDifference(exact).Area()
    # Each vertex moves by less than a unit, up to zoom 12 by less than three; below a pixel a square of one pixel (8
    # units) stands in.
    return far > exact.Boundary().Length() * (3 if tile[0] <= 12 else 1) + 64


question = json.load(open(sys.argv[1], encoding="utf-8"))
shapes = {}
for feature in question["features"]:
    if feature["geometry"]:
        geometry = shape(feature["geometry"])
        shapes[feature["id"]] = geometry, geometry.GetEnvelope()
answers = []
for asked in question["tiles"]:
    tile = asked["tile"]
    inner, outer = grown(tile, -TOLERANCE), grown(tile, TOLERANCE)
    west, east, north, south = outer.GetEnvelope()
    must, may, wrong = [], [], []
    for name, (geometry, (left, right, top, bottom)) in shapes.items():
        if left > east or right < west or top > south or bottom < north:
            continue
        if geometry.Intersects(inner):
            must.append(name)
        elif geometry.Intersects(outer):
            may.append(name)
        if name in asked["polygons"] and strays(geometry, asked["polygons"][name], tile):
            wrong.append(name)
    answers.append({"must": must, "may": may, "wrong": wrong})
json.dump(answers, sys.stdout)
