-- Merge fields that exist: the list of src/lib/crm/templates. Saving a template that uses another one is refused.
create or replace function tenancy.merge_fields() returns text[]
  language sql immutable parallel safe
  return array[
    'company.name', 'company.email', 'company.phone', 'company.payment_instructions', 'account.name', 'contact.first_name', 'contact.last_name',
    'contact.email', 'event.title', 'event.number', 'event.date', 'event.start_time', 'event.end_time',
    'event.location', 'event.guest_count', 'quote.number', 'quote.total', 'quote.valid_until', 'invoice.number',
    'invoice.total', 'invoice.balance', 'invoice.due_date', 'invoice.next_due_amount', 'invoice.next_due_date',
    'deposit.amount', 'link'];
select tenancy.grant_internals('tenancy.merge_fields()');

create or replace function tenancy.check_template() returns trigger
  language plpgsql
as $$
declare
  unknown text;
begin
  select string_agg(distinct '{{' || (m.found)[1] || '}}', ', ') into unknown
    from regexp_matches(new.content || ' ' || coalesce(new.subject, ''), '\{\{\s*([^{}]*?)\s*\}\}', 'g') as m (found)
    where (m.found)[1] <> all (tenancy.merge_fields());
  if unknown is not null then
    perform tenancy.refuse(422, format('The template uses %s, which does not exist.', unknown), null,
      'Known fields: ' || array_to_string(tenancy.merge_fields(), ', ') || '.');
  elsif regexp_replace(new.content || ' ' || coalesce(new.subject, ''), '\{\{[^{}]*\}\}', '', 'g') ~ '\{\{|\}\}' then
    perform tenancy.refuse(422, 'The template has {{ without }} or }} without {{.', null, 'Write a field as {{account.name}}.');
  end if;
  return new;
end
$$;
revoke execute on function tenancy.check_template() from public;
