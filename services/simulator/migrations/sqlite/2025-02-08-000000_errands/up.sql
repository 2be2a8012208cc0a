-- For whom a job is done: who ordered it, with which permission, under which request.
ALTER TABLE jobs ADD COLUMN errand TEXT;
