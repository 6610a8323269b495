"""Opens a GeoPackage with GDAL, as any GIS would: the ids in each of its layers as JSON."""
import json
import sys

from osgeo import ogr

ogr.UseExceptions()
source = ogr.Open(sys.argv[1])
print(json.dumps({layer.GetName(): sorted(feature.GetField("id") for feature in layer) for layer in source}))
