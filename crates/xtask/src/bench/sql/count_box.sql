SELECT count(*) FROM incidents
WHERE category IN ('theft', 'damage')
  AND geom && ST_Transform(ST_MakeEnvelope(103.6, 21.1, 104.2, 21.7, 4326), 3857)
