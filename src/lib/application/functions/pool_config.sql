-- The range of each key of connection_pool_config, see docs/connection-pool-config.md. A test compares it with
-- src/lib/data-sources/admission/pool-config.ts.
create or replace function marquee.pool_config_ranges() returns jsonb
  language sql immutable parallel safe
  return '{
    "max": [1, 1000], "queue": [1, 100000], "queueTimeoutMs": [1, 600000], "statementTimeoutMs": [1, 3600000],
    "idleInTransactionTimeoutMs": [1, 3600000], "maxResultBytes": [65536, 268435456], "maxResultRows": [1, 10000000],
    "maxEmbedded": [0, 1000], "maxEmbedDepth": [0, 100], "maxSelected": [1, 10000], "weight": [0.01, 100], "prepare": "boolean"
  }'::jsonb;

create or replace function marquee.check_pool_config() returns trigger
  language plpgsql as $$
declare
  ranges constant jsonb := marquee.pool_config_ranges();
  problems text[] := '{}';
  key text;
  value jsonb;
begin
  if jsonb_typeof(new.connection_pool_config) <> 'object' then
    problems := array['it: is not an object'];
  else
    for key, value in select * from jsonb_each(new.connection_pool_config) order by 1 loop
      if not ranges ? key then
        problems := problems || format('%s: is unknown', key);
      elsif ranges -> key = '"boolean"' then
        if jsonb_typeof(value) <> 'boolean' then
          problems := problems || format('%s: is not true or false', key);
        end if;
      elsif jsonb_typeof(value) <> 'number' then
        problems := problems || format('%s: is not a number', key);
      elsif not value::numeric between (ranges -> key ->> 0)::numeric and (ranges -> key ->> 1)::numeric
        or (key <> 'weight' and value::numeric <> trunc(value::numeric)) then
        problems := problems || format('%s: is not from %s to %s', key, ranges -> key ->> 0, ranges -> key ->> 1);
      end if;
    end loop;
  end if;
  if problems <> '{}' then
    raise exception 'connection_pool_config is not valid: %', array_to_string(problems, '; ')
      using errcode = 'MQ012', hint = 'See docs/connection-pool-config.md for its keys and their ranges.';
  end if;
  return new;
end $$;
