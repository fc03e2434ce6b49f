-- What a request asks for, so that never two with the very same words are being sent at once: which task is whose would not be known.
-- And the token that it was sent with, since another token may be another account's.

ALTER TABLE jobs ADD COLUMN words TEXT;      -- names endpoint, action, picture and prompt
ALTER TABLE jobs ADD COLUMN sent_with TEXT;  -- names the token, without telling it
CREATE INDEX jobs_being_sent ON jobs (words) WHERE state = 'submitting';
CREATE INDEX jobs_unclear ON jobs (sent_at) WHERE state = 'failed' AND may_be_billed = 1;
