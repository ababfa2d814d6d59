-- What the status of a booth's or item's booking means. A hold counts until its time is over, though the job that cancels it may not have
-- run.

-- Promised to an event or a deal, and not out yet.
create or replace function tenancy.is_promised(status text, hold_expires_at timestamptz) returns boolean
  language sql stable
  return status = 'reserved' or status = 'hold' and hold_expires_at > now();
select tenancy.grant_internals('tenancy.is_promised(text, timestamp with time zone)');

-- Promised or out: no one else gets it for the same time.
create or replace function tenancy.is_booked(status text, hold_expires_at timestamptz) returns boolean
  language sql stable
  return status in ('reserved', 'checked_out') or status = 'hold' and hold_expires_at > now();
select tenancy.grant_internals('tenancy.is_booked(text, timestamp with time zone)');

-- Booked, or back from its event: it is or was there.
create or replace function tenancy.is_assigned(status text, hold_expires_at timestamptz) returns boolean
  language sql stable
  return status in ('reserved', 'checked_out', 'returned') or status = 'hold' and hold_expires_at > now();
select tenancy.grant_internals('tenancy.is_assigned(text, timestamp with time zone)');
