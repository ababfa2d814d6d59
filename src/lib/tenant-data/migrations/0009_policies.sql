-- The role matrix. `tenancy.protect` says what each column of it means.
do $matrix$
declare
  managers constant text[] := '{owner,admin,manager}';
  admins constant text[] := '{owner,admin}';
  sellers constant text[] := '{owner,admin,manager,sales}';
  readers constant text[] := '{owner,admin,manager,sales,viewer}';
  workers constant text[] := '{owner,admin,manager,sales,staff}';
  everyone constant text[] := '{owner,admin,manager,sales,staff,viewer}';
  me constant text := '(select tenancy.current_user_id())';
  my_events constant text := '(select a.event_id from public.event_staff_assignments a where a.user_id = ' || me
    || ' and a.status not in (''declined'', ''cancelled''))';
  about_my_events constant text := '(entity_type = ''event'' and entity_id in ' || my_events || ')';
  written_by_me constant text := 'created_by = ' || me;
begin
  perform tenancy.protect(m.target::regclass, m.reads, m.inserts, m.updates, m.deletes,
    m.every_row, m.staff_rows, m.sales_rows, m.costs::name[], m.secrets::name[])
  from (values
    ('event_categories', everyone, managers, managers, managers, null, null, null, '{}', '{}'),
    ('event_types', everyone, managers, managers, managers, null, null, null, '{}', '{}'),
    ('payment_status_options', everyone, managers, managers, managers, null, null, null, '{}', '{}'),
    ('core_task_templates', everyone, managers, managers, managers, null, null, null, '{}', '{}'),
    ('design_item_types', everyone, managers, managers, managers, null, null, null, '{}', '{}'),
    ('design_statuses', everyone, managers, managers, managers, null, null, null, '{}', '{}'),
    ('staff_roles', everyone, managers, managers, managers, null, null, null, '{default_rate}', '{}'),
    ('user_pay_rate_history', everyone, admins, admins, admins,
      'tenant_id is not distinct from (select tenancy.current_tenant(''{owner,admin,manager}'')) or user_id = ' || me,
      null, null, '{}', '{}'),
    ('user_role_history', everyone, admins, admins, admins,
      'tenant_id is not distinct from (select tenancy.current_tenant(''{owner,admin,manager}'')) or user_id = ' || me,
      null, null, '{}', '{}'),
    ('tenant_settings', everyone, admins, admins, admins, null, null, null, '{}', '{}'),
    ('user_integrations', everyone, everyone, everyone, everyone,
      'tenant_id is not distinct from (select tenancy.current_tenant(''{owner,admin}'')) or user_id = ' || me,
      null, null, '{}', '{credentials,key_id}'),
    ('number_sequences', admins, admins, admins, admins, null, null, null, '{}', '{}'),
    ('saved_views', everyone, everyone, everyone, everyone,
      'owner_id = ' || me || ' or owner_id is null', null, null, '{}', '{}'),
    ('templates', readers, managers, managers, managers, null, null, null, '{}', '{}'),
    ('locations', everyone, sellers, sellers, managers, null, null, null, '{}', '{}'),

    ('equipment_types', everyone, managers, managers, managers, null, null, null, '{}', '{}'),
    ('equipment_items', everyone, managers, managers, managers, null, null, null, '{purchase_price}', '{}'),
    ('booth_types', everyone, managers, managers, managers, null, null, null, '{}', '{}'),
    ('booths', everyone, managers, managers, managers, null, null, null, '{}', '{}'),
    ('packages', readers, managers, managers, managers, null, null, null, '{}', '{}'),
    ('add_ons', readers, managers, managers, managers, null, null, null, '{}', '{}'),
    ('products', readers, managers, managers, managers, null, null, null, '{cost}', '{}'),

    ('accounts', readers, sellers, sellers, managers, null, null, null, '{}', '{}'),
    ('contacts', readers, sellers, sellers, managers, null, null, null, '{}', '{}'),
    ('contact_accounts', readers, sellers, sellers, managers, null, null, null, '{}', '{}'),
    ('leads', readers, sellers, sellers, managers, null, null, null, '{}', '{}'),
    ('opportunities', readers, sellers, sellers, managers, null, null, null, '{}', '{}'),
    -- A line is struck from a draft, nothing is deleted: sales may.
    ('opportunity_line_items', readers, sellers, sellers, sellers, null, null, null, '{}', '{}'),

    ('events', everyone, managers, managers, managers, null, 'id in ' || my_events, null, '{}', '{}'),
    ('event_dates', everyone, sellers, sellers, sellers, null, 'event_id in ' || my_events, 'event_id is null', '{}', '{}'),
    ('event_staff_assignments', everyone, managers, array_append(managers, 'staff'), managers,
      null, 'user_id = ' || me, null, '{rate_snapshot}', '{}'),
    ('event_design_items', everyone, managers, array_append(managers, 'staff'), managers,
      null, '(event_id in ' || my_events || ' or designer_id = ' || me || ')', null, '{}', '{}'),
    ('event_custom_items', everyone, managers, managers, managers, null, 'event_id in ' || my_events, null, '{cost}', '{}'),
    ('event_core_task_completion', everyone, managers, array_append(managers, 'staff'), managers,
      null, 'event_id in ' || my_events, null, '{}', '{}'),
    ('booth_assignments', everyone, sellers, sellers, managers, null, 'event_id in ' || my_events,
      '(event_id is null and status in (''hold'', ''cancelled''))', '{}', '{}'),
    ('equipment_assignments', everyone, sellers, sellers, managers, null, 'event_id in ' || my_events,
      '(event_id is null and status in (''hold'', ''cancelled''))', '{}', '{}'),

    ('quotes', readers, sellers, sellers, managers, null, null, null, '{}', '{}'),
    ('quote_line_items', readers, sellers, sellers, sellers, null, null, null, '{}', '{}'),
    ('invoices', readers, managers, managers, managers, null, null, null, '{}', '{}'),
    ('invoice_line_items', readers, managers, managers, managers, null, null, null, '{}', '{}'),
    -- Nobody deletes a payment: it is cancelled or refunded.
    ('payments', readers, managers, managers, '{}', null, null, null, '{fee}', '{}'),

    ('tasks', everyone, workers, workers, managers, null,
      '(assigned_to = ' || me || ' or ' || written_by_me || ')', null, '{}', '{}'),
    ('attachments', everyone, workers, managers, managers, null,
      '(' || about_my_events || ' or ' || written_by_me || ')', null, '{}', '{}'),
    ('contracts', readers, sellers, sellers, managers, null, null, null, '{}', '{}'),
    ('communications', readers, sellers, sellers, managers,
      'visibility = ''team'' or created_by = ' || me || ' or owner_id = ' || me, null, null, '{}', '{}'),
    ('notes', everyone, workers, workers, managers, 'visibility = ''team'' or ' || written_by_me,
      '(' || about_my_events || ' or ' || written_by_me || ')', null, '{}', '{}')
  ) as m (target, reads, inserts, updates, deletes, every_row, staff_rows, sales_rows, costs, secrets);
end
$matrix$;

-- A shared view is everyone's to read and the managers' to change.
create policy shared_views_insert on saved_views as restrictive for insert to authenticated
  with check (owner_id is not null or tenant_id = (select tenancy.current_tenant('{owner,admin,manager}')));
create policy shared_views_update on saved_views as restrictive for update to authenticated
  using (owner_id is not null or tenant_id = (select tenancy.current_tenant('{owner,admin,manager}')));
create policy shared_views_delete on saved_views as restrictive for delete to authenticated
  using (owner_id is not null or tenant_id = (select tenancy.current_tenant('{owner,admin,manager}')));
