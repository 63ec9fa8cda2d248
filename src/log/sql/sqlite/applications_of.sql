SELECT DISTINCT stream_id FROM entries
 WHERE type IN ('kz.qonys.application.filed.v1', 'kz.qonys.application.status-asked.v1')
   AND json_extract(entry, '$.data.applicant') = ?1
