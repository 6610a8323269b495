-- In Web Mercator for tiles, so that nothing is projected per request; in WGS 84 for servers of features. Both lie on
-- disk in the order of their spatial index.
CREATE TABLE incidents AS
SELECT id, category, occurred_from, occurred_from::timestamptz AS occurred, date_precision, found_by, severity, address,
       ST_Transform(ST_SetSRID(ST_MakePoint(lon, lat), 4326), 3857)::geometry(Point, 3857) AS geom
FROM loaded;
CREATE INDEX incidents_geom ON incidents USING gist (geom);
CLUSTER incidents USING incidents_geom;
CREATE INDEX incidents_asked ON incidents (category, occurred);
CREATE INDEX incidents_occurred ON incidents (occurred);
ALTER TABLE incidents ADD PRIMARY KEY (id);
CREATE TABLE features AS
SELECT id, category, occurred_from, date_precision, found_by, severity, address,
       ST_SetSRID(ST_MakePoint(lon, lat), 4326)::geometry(Point, 4326) AS geom
FROM loaded;
CREATE INDEX features_geom ON features USING gist (geom);
CLUSTER features USING features_geom;
ALTER TABLE features ADD PRIMARY KEY (id);
DROP TABLE loaded;
VACUUM ANALYZE incidents;
VACUUM ANALYZE features;
