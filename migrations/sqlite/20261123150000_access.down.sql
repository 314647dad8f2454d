ALTER TABLE checkin_links DROP COLUMN days;
DROP TABLE nominations;
DROP TABLE nomination_links;
DROP TABLE donor_logos;
ALTER TABLE projects DROP COLUMN version;
ALTER TABLE donors DROP COLUMN logo;
ALTER TABLE donors DROP COLUMN version;
ALTER TABLE organisations DROP COLUMN version;
ALTER TABLE project_donors DROP COLUMN share;
ALTER TABLE organisations DROP COLUMN closed_at;
ALTER TABLE organisations DROP COLUMN website;
ALTER TABLE organisations DROP COLUMN city;
ALTER TABLE institutions DROP COLUMN merged_into;
ALTER TABLE institutions DROP COLUMN names;
DROP TRIGGER audit_chain_once;
DROP TRIGGER audit_once;
DROP TRIGGER audit_chain_kept;
DROP TRIGGER audit_chain_unchanged;
DROP TRIGGER audit_kept;
DROP TRIGGER audit_unchanged;
DROP TABLE audit_chain;
DROP INDEX audit_user;
ALTER TABLE audit DROP COLUMN token_id;
ALTER TABLE audit DROP COLUMN role;
DROP TABLE api_tokens;
DROP TABLE sign_in_states;
DROP TABLE identities;
DROP TABLE recovery_codes;
DROP TABLE factors;
DROP TABLE email_changes;
DROP TABLE visits;
ALTER TABLE users DROP COLUMN invited_by;
ALTER TABLE users DROP COLUMN signed_in_at;

-- Auditors did not exist before.
DROP INDEX grants_scope;
CREATE TABLE grants_old (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('administrator', 'coordinator', 'organiser', 'donor')),
  scope_kind TEXT NOT NULL CHECK (scope_kind IN ('installation', 'project', 'organisation', 'event')),
  scope_id INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  UNIQUE (user_id, role, scope_kind, scope_id)
);
INSERT INTO grants_old (id, user_id, role, scope_kind, scope_id, created_at)
  SELECT id, user_id, role, scope_kind, scope_id, created_at FROM grants WHERE role <> 'auditor';
DROP TABLE grants;
ALTER TABLE grants_old RENAME TO grants;
