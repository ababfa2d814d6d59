-- True while merge_records only changes which account or contact rows point to. Triggers of sent or signed documents then do
-- nothing, since the documents stay the same otherwise.
create or replace function tenancy.merging() returns boolean
  language sql stable
  return coalesce(current_setting('tenancy.merging', true), '') = 'on' and current_user = 'tenant_service';
select tenancy.grant_internals('tenancy.merging()');

-- Only merge_records writes the columns that record a merge.
create or replace function tenancy.keep_merged() returns trigger language plpgsql as $$
begin
  perform tenancy.refuse(403, 'These columns record a merge and cannot be set by hand.', null, 'Call merge_records.');
  return null;
end
$$;
revoke execute on function tenancy.keep_merged() from public;
