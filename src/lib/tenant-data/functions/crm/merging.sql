-- True while rows only change whom they point to: documents that were sent or signed stay as they were in all else, so their
-- triggers keep still. Only merge_records says so.
create or replace function tenancy.merging() returns boolean
  language sql stable
  return coalesce(current_setting('tenancy.merging', true), '') = 'on' and current_user = 'tenant_service';
select tenancy.grant_internals('tenancy.merging()');

-- Where a merge is recorded is not for anybody to write.
create or replace function tenancy.keep_merged() returns trigger language plpgsql as $$
begin
  perform tenancy.refuse(403, 'What was merged is recorded by merging.', null, 'Call merge_records.');
  return null;
end
$$;
revoke execute on function tenancy.keep_merged() from public;
