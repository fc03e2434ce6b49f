-- What a request asks for, so that never two with the very same words are being sent at once: which task is whose would not be known.

ALTER TABLE jobs ADD COLUMN words TEXT;      -- names endpoint, action, picture and prompt
CREATE INDEX jobs_being_sent ON jobs (words) WHERE state = 'submitting';
CREATE INDEX jobs_unclear ON jobs (sent_at) WHERE state = 'failed' AND task_id IS NULL AND may_be_billed = 1;
