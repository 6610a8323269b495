SELECT count(*) FROM incidents
WHERE category = 'theft' AND occurred >= '2023-07-01 00:00+07' AND occurred < '2025-01-01 00:00+07'
