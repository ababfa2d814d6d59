-- The days after the day of issue that an account's payment terms give: `14`, `net 30`, `30 days`, `30 Tage netto`, `due on receipt`. Null
-- where they say nothing of that form: `payment_terms` may be any text.
create or replace function tenancy.terms_days(terms text) returns int
  language sql immutable
  return case when lower(btrim(terms)) ~ '^((due |payable )?(up)?on receipt|immediately|sofort( zahlbar| fällig)?)$' then 0
    else (regexp_match(lower(btrim(terms)),
      '^(?:(?:net|netto|within|due in|payable (?:in|within)|(?:zahlbar )?(?:innerhalb (?:von )?|binnen |in ))\s*)?(\d{1,3})\s*(?:days?|tage?n?)?(?: (?:net|netto))?\.?$'))[1]::int end;
select tenancy.grant_internals('tenancy.terms_days(text)');

-- When an invoice of an account is due by the account's payment terms; null without any.
create or replace function tenancy.due_by_terms(account uuid, issued date) returns date
  language sql stable
  return (select issued + tenancy.terms_days(a.payment_terms) from public.accounts a
    where a.tenant_id = (select tenancy.current_tenant()) and a.id = account);
select tenancy.grant_internals('tenancy.due_by_terms(uuid, date)');

-- A plan whose last part has no date of its own: it is due by the payment terms, and never before the part above it.
--   terms   `due_by_terms`
--   former  `due_by_terms` as it was before the change: a date that comes from it is none of its own
create or replace function tenancy.plan_by_terms(plan jsonb, terms date, former date) returns jsonb
  language sql immutable
  return case
    when terms is not null and jsonb_typeof(plan) = 'array' and jsonb_typeof(plan -> -1) = 'object' and plan -> -1 ->> 'days_before' is null
        and (plan -> -1 ->> 'due_date' is null
          or former is not null and plan -> -1 ->> 'due_date' = greatest(to_char(former, 'YYYY-MM-DD'), plan -> -2 ->> 'due_date'))
      then jsonb_set(plan, '{-1}', (plan -> -1) || jsonb_build_object('due_date', greatest(to_char(terms, 'YYYY-MM-DD'), plan -> -2 ->> 'due_date')))
    else plan end;
select tenancy.grant_internals('tenancy.plan_by_terms(jsonb, date, date)');
