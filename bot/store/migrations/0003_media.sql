-- What answers hold, in place of pictures and of actions, which nobody read.

CREATE TABLE media (
    job_id      TEXT NOT NULL REFERENCES jobs (id),
    position    INTEGER NOT NULL,            -- in the answer, from 0
    type        TEXT NOT NULL,               -- picture or clip
    upstream_id TEXT,                        -- what the API calls it; of clips the video's
    url         TEXT NOT NULL,
    PRIMARY KEY (job_id, position)
);
INSERT INTO media (job_id, position, type, upstream_id, url)
    SELECT job_id, 0, 'picture', image_id, COALESCE(raw_image_url, image_url) FROM pictures
    WHERE COALESCE(raw_image_url, image_url) IS NOT NULL;
CREATE INDEX media_upstream ON media (upstream_id);
DROP TABLE actions;
DROP TABLE pictures;
