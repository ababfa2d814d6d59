-- Whether this is an envelope (src/lib/secrets/envelope.ts), or null. Columns for credentials hold nothing else.
create or replace function marquee.is_envelope(value text) returns boolean
  language sql immutable parallel safe
  return value is null or value ~ '^mq1\.[A-Za-z0-9_-]+\.[0-9a-f]{12}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$';
