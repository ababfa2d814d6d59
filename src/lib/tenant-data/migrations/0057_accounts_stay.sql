-- An account with deals or quotes is not deleted under them: it is set inactive, or deleted softly.
do $links$
declare
  tab name;
begin
  foreach tab in array array['opportunities', 'quotes'] loop
    execute format('alter table public.%I drop constraint %I', tab, tab || '_account_id_fkey');
    perform tenancy.link(tab::text::regclass, 'account_id', 'accounts', 'no action');
  end loop;
end
$links$;
