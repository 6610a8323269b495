"""Makes an MBTiles file of pictures: one for each tile of the zooms 0 to 2 but the last, coloured by its place."""
import sqlite3
import struct
import sys
import zlib


def png(red, green, blue):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + bytes([red, green, blue]) * 256) * 256
    head = struct.pack(">IIBBBBB", 256, 256, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


with sqlite3.connect(sys.argv[1]) as file:
    file.execute("create table metadata (name text, value text)")
    file.execute("create table tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob)")
    file.execute("create unique index place on tiles (zoom_level, tile_column, tile_row)")
    told = {"name": "Ảnh", "format": "png", "bounds": "-180,-85,180,85", "attribution": "<a href='x'>Nguồn</a>"}
    file.executemany("insert into metadata values (?, ?)", told.items())
    for z in range(3):
        for x in range(1 << z):
            for y in range(1 << z):
                if (z, x, y) != (2, 3, 3):
                    row = (z, x, (1 << z) - 1 - y, png(80 * z, 60 * x, 60 * y))
                    file.execute("insert into tiles values (?, ?, ?, ?)", row)
