-- The product's grid in SQL: eight cells across a tile, whole ones around it too, drawn at their mean place when that is
-- in the tile or its margin.
CREATE FUNCTION clusters(z integer, x integer, y integer, query_params json DEFAULT '{}') RETURNS bytea AS $$
    WITH tile AS (
        SELECT ST_TileEnvelope(z, x, y) AS box, ST_XMin(ST_TileEnvelope(z, x, y)) AS west,
               ST_YMax(ST_TileEnvelope(z, x, y)) AS north, 40075016.685578488 / (8 * 2 ^ z) AS cell
    ), cells AS (
        SELECT count(*) AS point_count, avg(ST_X(geom)) AS east, avg(ST_Y(geom)) AS up
        FROM incidents, tile
        WHERE geom && ST_Expand(box, cell)
        GROUP BY floor((ST_X(geom) - west) / cell), floor((north - ST_Y(geom)) / cell)
    ), drawn AS (
        SELECT point_count, ST_AsMVTGeom(ST_SetSRID(ST_MakePoint(east, up), 3857), box, 4096, 64, true) AS geom
        FROM cells, tile
    )
    SELECT ST_AsMVT(drawn, 'clusters', 4096, 'geom') FROM drawn WHERE geom IS NOT NULL
$$ LANGUAGE sql STABLE PARALLEL SAFE;
