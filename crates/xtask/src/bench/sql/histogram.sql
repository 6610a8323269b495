SELECT date_trunc('month', occurred AT TIME ZONE 'Asia/Ho_Chi_Minh') AS month, count(*) FROM incidents
WHERE category = 'theft'
GROUP BY month ORDER BY month
