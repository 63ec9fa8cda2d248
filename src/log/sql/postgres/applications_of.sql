SELECT DISTINCT stream_id FROM log.entries
 WHERE type IN ('kz.qonys.application.filed.v1', 'kz.qonys.application.status-asked.v1')
   AND substring(entry FROM '"applicant":"([0-9a-f-]{36})"') = $1
