SELECT position, stream_type, stream_id, streamseq, entry FROM entries
 WHERE type IN ('kz.qonys.person.data-destroyed.v1', 'kz.qonys.dwelling.data-destroyed.v1') ORDER BY position
