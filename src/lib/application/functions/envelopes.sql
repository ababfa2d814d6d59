-- Whether this is an envelope (src/lib/secrets/envelope.ts), or null. Columns for credentials hold nothing else.
create or replace function marquee.is_envelope(value text) returns boolean
  language sql immutable parallel safe
  return value is null or value ~ '^mq1\.[A-Za-z0-9_-]+\.[0-9a-f]{12}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$';

-- What an audit record shows of a secret: enough to see that it changed, and to compare.
create or replace function marquee.fingerprint(value text) returns text
  language sql immutable parallel safe
  return case
    when value is null then null
    when value like 'mq1.%' then 'fingerprint:' || split_part(value, '.', 3)
    else 'fingerprint:' || left(encode(sha256(convert_to(value, 'UTF8')), 'hex'), 12)
  end;
