-- Whether leaving is seen (CONTRACT), or estimated from what customers buy (PURCHASES).
ALTER TABLE segments ADD COLUMN kind TEXT NOT NULL DEFAULT 'CONTRACT';
