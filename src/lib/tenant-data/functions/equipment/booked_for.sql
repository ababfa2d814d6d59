-- What something is booked for, in a refusal: the event's title, which a client who acts by a link does not read of others. Without a title
-- it is a hold of a deal.
create or replace function tenancy.booked_for(title text) returns text
  language sql stable
  return case when tenancy.acts_by_link() then 'another event' else coalesce(title, 'a hold') end;
select tenancy.grant_internals('tenancy.booked_for(text)');
